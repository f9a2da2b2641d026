import type { ReaderInput, ReaderOutcome, ReadPart } from "@steward/core/intake/reader.ts";
import { MAX_MEMBERS, Refused } from "../limits.ts";
import { MboxSplitter, timeOfSeparator } from "../mbox-splitter.ts";

/** An mbox that came inside something else: its mails as parts. One that lies alone is streamed by its connector. */
export function readMbox(input: ReaderInput): ReaderOutcome {
  const splitter = new MboxSplitter({ maxMail: input.bytes.length });
  const bytes = Buffer.from(input.bytes.buffer, input.bytes.byteOffset, input.bytes.length);
  const parts: ReadPart[] = [];
  for (const mail of [...splitter.push(bytes), ...splitter.end()]) {
    if (!mail.bytes) continue;
    if (parts.length >= MAX_MEMBERS) {
      throw new Refused("too-large", `It holds more than ${MAX_MEMBERS} mails. Take it out and give it alone.`);
    }
    const modifiedAt = timeOfSeparator(mail.separator);
    parts.push({
      filename: `${parts.length + 1}.eml`,
      mediaType: "message/rfc822",
      size: mail.bytes.length,
      inline: false,
      bytes: mail.bytes,
      ...(modifiedAt === undefined ? {} : { modifiedAt }),
    });
  }
  return { ok: true, parts, warnings: [] };
}
