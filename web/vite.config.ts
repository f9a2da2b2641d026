import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/**
 * Builds the app into `dist`, which the server serves as it is. Nothing is inlined: the server's policy allows neither
 * `data:` nor scripts or styles inside the page. `npm run dev` passes API calls on to `STEWARD_API`
 * (the fake of `dev/fake-api.ts`, or a running Steward).
 */
export default defineConfig(({ mode }) => ({
  // A test serves its build as it is.
  plugins: [react(), tailwindcss(), mode !== "test" && packed()],
  build: { target: "es2023", assetsInlineLimit: 0, reportCompressedSize: false, modulePreload: { polyfill: false } },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: process.env.STEWARD_API ?? "http://127.0.0.1:4180", changeOrigin: true } },
  },
}));

/** Lays `.br` and `.gz` beside what packs well, so that the server packs nothing itself. */
function packed(): Plugin {
  let folder = "dist";
  return {
    name: "steward-packed",
    apply: "build",
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|html|svg|webmanifest)$/.test(name)) continue;
        const bytes = readFileSync(join(folder, name));
        if (bytes.length < 1024) continue;
        writeFileSync(
          join(folder, `${name}.br`),
          brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
        );
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}
