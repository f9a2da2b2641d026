import type { Connector, Pulled } from "@steward/core/intake/connector.ts";
import type { Source } from "@steward/core/item.ts";
import { type Bytes, readWhole } from "./bytes.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { isMbox, mailsOf } from "./mails.ts";
import { MAX_FILE, mailEntry, mailTooLarge } from "./path.ts";

/**
 * Connector for what was uploaded: it lies sealed in a blob, and `open` gives its plain bytes by ranges. An mbox is
 * streamed, anything else read whole.
 */
export function uploadConnector(deps: { readonly open: (source: Source) => Promise<Bytes> }): Connector {
  return {
    kind: "upload",
    async *pull(source, cursorText, signal): AsyncGenerator<Pulled> {
      const bytes = await deps.open(source);
      const cursor = readCursor(cursorText);
      const { name } = source;
      const after = { since: 0, file: name, size: bytes.size, modifiedAt: 0 };
      if (await isMbox(bytes)) {
        for await (const mail of mailsOf(bytes, cursor?.mbox)) {
          if (signal.aborted) return;
          const path = `${name}!${mail.after.count}`;
          const reached = { position: mail.end, cursor: writeCursor({ ...after, mbox: mail.after }) };
          const size = mail.end - mail.start;
          yield mail.bytes
            ? { ...mailEntry(path, mail.after.count, mail.bytes, mail.separator), ...reached }
            : { type: "trouble", path, reason: mailTooLarge(size), size, ...reached };
        }
        return;
      }
      if (cursor || signal.aborted) return;
      const end = { position: bytes.size, cursor: writeCursor(after) };
      if (bytes.size > MAX_FILE) {
        const reason = `It is larger than the ${MAX_FILE / 1024 / 1024} MB a file may have. An mbox may have any size.`;
        yield { type: "trouble", path: name, reason, size: bytes.size, ...end };
        return;
      }
      yield { type: "entry", name, path: name, bytes: await readWhole(bytes), ...end };
    },
    measure: async (source) => (await deps.open(source)).size,
  };
}
