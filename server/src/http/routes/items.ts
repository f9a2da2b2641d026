import { notFound } from "../problems.ts";
import { route } from "../route.ts";
import { ItemAnswer } from "../schemas.ts";

export const itemRoutes = [
  route({
    method: "get",
    path: "/api/items/:id",
    summary: "An item with its text, attachments and thread",
    access: "read",
    answer: ItemAnswer,
    async handle({ house, id }) {
      return (await house.library.view(id)) ?? Promise.reject(notFound("The item"));
    },
  }),

  route({
    method: "get",
    path: "/api/items/:id/original",
    summary: "The original's bytes, to be saved; never rendered",
    access: "read",
    answer: "application/octet-stream",
    async handle({ house, id }) {
      const [item, original] = await Promise.all([house.library.item(id), house.library.original(id)]);
      if (!item || !original) throw notFound("The original");
      return new Response(ReadableStream.from(original.bytes), {
        headers: {
          "content-type": "application/octet-stream",
          "content-length": String(original.size),
          "content-disposition": attachment(item.filename ?? `${item.kind}-${item.id}`),
          "content-security-policy": "sandbox; default-src 'none'",
        },
      });
    },
  }),
];

/** RFC 6266, with the name in RFC 8187 encoding and a plain fallback; whatever the name holds, it ends no header. */
export function attachment(filename: string): string {
  const plain = filename.replace(/[^A-Za-z0-9._ -]/g, "_").slice(0, 150) || "original";
  const encoded = encodeURIComponent(filename.toWellFormed().slice(0, 150)).replace(/['()*]/g, percent);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
