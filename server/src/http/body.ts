import { Problem } from "./problems.ts";

export const MAX_JSON_BYTES = 1_000_000;
export const MAX_JSON_DEPTH = 32;

/** The request's JSON: at most 1 MB and 32 levels deep, so that parsing it can exhaust neither memory nor the stack. */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json(?:\s*;|$)/i.test(type)) {
    throw new Problem("wrong-type", "Send the request as application/json.");
  }
  if (!/^(?:identity)?$/i.test(request.headers.get("content-encoding") ?? "")) {
    throw new Problem("wrong-type", "Send the request uncompressed: a body with Content-Encoding is not read.");
  }
  const text = new TextDecoder("utf-8", { fatal: false }).decode(await readAll(request));
  if (depthOf(text) > MAX_JSON_DEPTH) throw new Problem("invalid", `The JSON is nested over ${MAX_JSON_DEPTH} levels.`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("invalid", "The body is not JSON.");
  }
}

async function readAll(request: Request): Promise<Uint8Array> {
  // What still comes of it is thrown away, and the line is not used again (RFC 9110 §15.5.14).
  const tooLarge = () =>
    new Problem("too-large", "A request takes at most 1 MB of JSON. Upload files instead.", {
      headers: { connection: "close" },
    });
  if (Number(request.headers.get("content-length") ?? 0) > MAX_JSON_BYTES) throw tooLarge();
  // A length that was said is held to by Node's parser, and the whole is read without a web stream: half the work.
  if (request.headers.has("content-length")) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Left to drain when it is too much: cancelled, the line would break before the sender has read the refusal.
  for await (const chunk of request.body?.values({ preventCancel: true }) ?? []) {
    size += chunk.byteLength;
    if (size > MAX_JSON_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Deepest nesting of brackets outside strings, counted before anything is parsed. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const c = json.charCodeAt(at);
    if (inString) {
      if (c === 0x5c) at += 1;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (c === 0x7d || c === 0x5d) depth -= 1;
  }
  return deepest;
}
