import type { Reader, ReaderInput, ReaderOutcome, ReadPart } from "../intake/reader.ts";

/**
 * A reader for tests of what stands behind it: the bytes are JSON that says what was read. `{ "title", "text",
 * "messageId"?, "parts"? }` is a document (a mail when it has a Message-ID), `{ "members" }` a container, anything else
 * is refused as damaged.
 */
export interface Script {
  readonly title?: string;
  readonly text?: string;
  readonly messageId?: string;
  readonly inReplyTo?: string;
  readonly from?: string;
  readonly parts?: Readonly<Record<string, Script>>;
  readonly members?: Readonly<Record<string, Script>>;
}

const encoder = new TextEncoder();

export function scripted(script: Script): Uint8Array {
  return encoder.encode(JSON.stringify(script));
}

export class ScriptReader implements Reader {
  /** Things read so far: what was recognised before reading does not count. */
  reads = 0;

  async read(input: ReaderInput): Promise<ReaderOutcome> {
    this.reads += 1;
    let script: Script;
    try {
      script = JSON.parse(new TextDecoder().decode(input.bytes));
    } catch {
      return { ok: false, code: "damaged", reason: "It is not what its name says." };
    }
    if (script.members) return { ok: true, parts: partsOf(script.members), warnings: [] };
    const mail = script.messageId !== undefined;
    return {
      ok: true,
      document: {
        kind: mail ? "mail" : "note",
        title: script.title ?? input.name,
        people: script.from ? [{ role: "from", address: script.from }] : [],
        mediaType: mail ? "message/rfc822" : "text/plain",
        text: script.text ?? "",
        marks: [],
        parts: partsOf(script.parts ?? {}),
        warnings: [],
        ...(script.messageId === undefined ? {} : { messageId: script.messageId }),
        ...(script.inReplyTo === undefined ? {} : { inReplyTo: script.inReplyTo }),
      },
    };
  }

  readMany(inputs: readonly ReaderInput[]): Promise<ReaderOutcome[]> {
    return Promise.all(inputs.map((input) => this.read(input)));
  }

  async close(): Promise<void> {}
}

function partsOf(scripts: Readonly<Record<string, Script>>): ReadPart[] {
  return Object.entries(scripts).map(([filename, script]) => {
    const bytes = scripted(script);
    return { filename, bytes, mediaType: "text/plain", size: bytes.length, inline: false };
  });
}
