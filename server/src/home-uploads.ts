import { timingSafeEqual } from "node:crypto";
import type { Clock } from "@steward/core/clock.ts";
import type { Vault } from "@steward/core/vault/vault.ts";
import type { Uploads } from "./house.ts";

/**
 * Uploads at home: the bytes come to this house's own route, `PUT /documents/:id/content`, which streams them into the
 * vault. What lets them in is an HMAC over the document's id and the time it expires, so nothing is kept for it; it stands
 * in a header, since addresses are logged and remembered.
 */
const TAKEN_FOR_MS = 15 * 60_000;
const SCHEME = "Upload";

export function openHomeUploads({ vault, clock }: { vault: Pick<Vault, "hmac">; clock: Clock }): Uploads {
  return {
    async begin({ id, mediaType }) {
      const expiresAt = clock.now() + TAKEN_FOR_MS;
      return {
        id,
        url: `/documents/${id}/content`,
        method: "PUT",
        headers: {
          authorization: `${SCHEME} ${expiresAt}.${markOf(vault, id, expiresAt)}`,
          "content-type": mediaType ?? "application/octet-stream",
        },
        expiresAt,
      };
    },
  };
}

/** Whether an `Authorization` header is the one that `begin` gave for this document, and still counts. */
export function isUploadTicket(
  { vault, clock }: { vault: Pick<Vault, "hmac">; clock: Clock },
  id: string,
  authorization: string | undefined,
): boolean {
  const shown = /^Upload (\d{1,15})\.([A-Za-z0-9_-]{43})$/i.exec(authorization ?? "");
  if (!shown) return false;
  const expiresAt = Number(shown[1]);
  const right = markOf(vault, id, expiresAt);
  return timingSafeEqual(Buffer.from(shown[2] ?? ""), Buffer.from(right)) && expiresAt > clock.now();
}

function markOf(vault: Pick<Vault, "hmac">, id: string, expiresAt: number): string {
  return vault.hmac("private", "upload-ticket", id, String(expiresAt));
}
