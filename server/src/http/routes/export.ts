import { route } from "../route.ts";

export const exportRoutes = [
  route({
    method: "get",
    path: "/api/export",
    summary: "Everything, as a zip of open formats: the originals by kind, and JSON",
    access: "owner",
    answer: "application/zip",
    async handle({ house, clock, context }) {
      const { exportZip } = await import("../../export.ts");
      const day = new Date(clock.now()).toISOString().slice(0, 10);
      return new Response(exportZip(house, context.req.raw.signal), {
        headers: {
          "content-type": "application/zip",
          "content-disposition": `attachment; filename="steward-${day}.zip"`,
        },
      });
    },
  }),
];
