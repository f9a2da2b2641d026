import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/**
 * Builds the app into `dist`, which the server serves as it is. Nothing is inlined: the server's policy allows neither
 * `data:` nor scripts or styles inside the page. `npm run dev` passes API calls on to `STEWARD_API`
 * (the fake of `dev/fake-api.ts`, or a running Steward).
 */
export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: { target: "es2023", assetsInlineLimit: 0, reportCompressedSize: false, modulePreload: { polyfill: false } },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: process.env.STEWARD_API ?? "http://127.0.0.1:4180", changeOrigin: true } },
  },
});
