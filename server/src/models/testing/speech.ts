import { crc32 } from "node:zlib";

/** An answer as each provider writes it on the wire: what its own documentation shows, a piece a chunk. */
export type Dialect = "anthropic" | "responses" | "chat" | "bedrock";

export interface Speech {
  readonly text?: readonly string[];
  readonly call?: { readonly name: string; readonly input: unknown };
  readonly usage?: { readonly input: number; readonly output: number };
}

export const MEDIA_TYPES: Readonly<Record<Dialect, string>> = {
  anthropic: "text/event-stream",
  responses: "text/event-stream",
  chat: "text/event-stream",
  bedrock: "application/vnd.amazon.eventstream",
};

export function speak(dialect: Dialect, speech: Speech): Uint8Array[] {
  switch (dialect) {
    case "anthropic":
      return anthropic(speech).map((event) => sse(event, event.type));
    case "responses":
      return responses(speech).map((event) => sse(event, event.type));
    case "chat":
      return [...chat(speech).map((chunk) => sse(chunk)), Buffer.from("data: [DONE]\n\n")];
    case "bedrock":
      return bedrock(speech).map(([type, payload]) => frame(type, payload));
    default:
      return dialect satisfies never;
  }
}

/** Trouble that a provider reports within a stream that began well. */
export function overloaded(dialect: Dialect): Uint8Array {
  const message = "Overloaded";
  if (dialect === "anthropic") return sse({ type: "error", error: { type: "overloaded_error", message } }, "error");
  if (dialect === "bedrock") return frame("serviceUnavailableException", { message }, "exception");
  if (dialect === "chat") return sse({ error: { message, type: "server_error", code: 503 } });
  return sse({
    type: "error",
    sequence_number: 3,
    error: { type: "server_error", code: "server_error", message, param: null },
  });
}

function sse(data: unknown, event?: string): Uint8Array {
  return Buffer.from(`${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`);
}

function anthropic({ text, call, usage = { input: 10, output: 5 } }: Speech) {
  const blocks = [
    ...(text
      ? [{ start: { type: "text", text: "" }, deltas: text.map((t) => ({ type: "text_delta", text: t })) }]
      : []),
    ...(call
      ? [
          {
            start: { type: "tool_use", id: "toolu_1", name: call.name, input: {} },
            deltas: halves(JSON.stringify(call.input)).map((json) => ({
              type: "input_json_delta",
              partial_json: json,
            })),
          },
        ]
      : []),
  ];
  const message = { id: "msg_1", type: "message", role: "assistant", model: "claude", content: [] };
  return [
    {
      type: "message_start",
      message: {
        ...message,
        ...{ stop_reason: null, stop_sequence: null, usage: { input_tokens: usage.input, output_tokens: 1 } },
      },
    },
    ...blocks.flatMap(({ start, deltas }, index) => [
      { type: "content_block_start", index, content_block: start },
      ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ]),
    {
      type: "message_delta",
      delta: { stop_reason: call ? "tool_use" : "end_turn", stop_sequence: null },
      usage: { output_tokens: usage.output },
    },
    { type: "message_stop" },
  ];
}

function responses({ text, call, usage = { input: 10, output: 5 } }: Speech) {
  const response = { id: "resp_1", object: "response", created_at: 1_790_000_000, model: "gpt" };
  const message = { type: "message", id: "msg_1", role: "assistant", status: "in_progress", content: [] };
  const asked = call && { type: "function_call", id: "fc_1", call_id: "call_1", name: call.name };
  const done = (value: unknown) => JSON.stringify(value);
  return [
    { type: "response.created", response },
    ...(text
      ? [
          { type: "response.output_item.added", output_index: 0, item: message },
          ...text.map((delta) => ({
            ...{ type: "response.output_text.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta },
          })),
          { type: "response.output_item.done", output_index: 0, item: { ...message, status: "completed" } },
        ]
      : []),
    ...(asked
      ? [
          { type: "response.output_item.added", output_index: 1, item: { ...asked, arguments: "" } },
          ...halves(done(call.input)).map((delta) => ({
            ...{ type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: 1, delta },
          })),
          {
            type: "response.output_item.done",
            output_index: 1,
            item: { ...asked, arguments: done(call.input), status: "completed" },
          },
        ]
      : []),
    {
      type: "response.completed",
      response: { ...response, usage: { input_tokens: usage.input, output_tokens: usage.output } },
    },
  ];
}

function chat({ text = [], call, usage = { input: 10, output: 5 } }: Speech) {
  const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_790_000_000, model: "local" };
  const choice = (delta: unknown, finish: string | null = null) => ({
    ...chunk,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  return [
    choice({ role: "assistant", content: "" }),
    ...text.map((content) => choice({ content })),
    ...(call
      ? halves(JSON.stringify(call.input)).map((json, i) =>
          choice({
            tool_calls: [
              i === 0
                ? { index: 0, id: "call_1", type: "function", function: { name: call.name, arguments: json } }
                : { index: 0, function: { arguments: json } },
            ],
          }),
        )
      : []),
    choice({}, call ? "tool_calls" : "stop"),
    { ...chunk, choices: [], usage: { prompt_tokens: usage.input, completion_tokens: usage.output } },
  ];
}

function bedrock({ text = [], call, usage = { input: 10, output: 5 } }: Speech): [string, unknown][] {
  const index = text.length > 0 ? 1 : 0;
  return [
    ["messageStart", { role: "assistant" }],
    ...text.map((t): [string, unknown] => ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: t } }]),
    ...(text.length > 0 ? [["contentBlockStop", { contentBlockIndex: 0 }] as [string, unknown]] : []),
    ...(call
      ? ([
          [
            "contentBlockStart",
            { contentBlockIndex: index, start: { toolUse: { toolUseId: "tu_1", name: call.name } } },
          ],
          ...halves(JSON.stringify(call.input)).map((input): [string, unknown] => [
            "contentBlockDelta",
            { contentBlockIndex: index, delta: { toolUse: { input } } },
          ]),
          ["contentBlockStop", { contentBlockIndex: index }],
        ] as [string, unknown][])
      : []),
    ["messageStop", { stopReason: call ? "tool_use" : "end_turn" }],
    [
      "metadata",
      {
        usage: { inputTokens: usage.input, outputTokens: usage.output, totalTokens: usage.input + usage.output },
        metrics: { latencyMs: 5 },
      },
    ],
  ];
}

function halves(text: string): string[] {
  const middle = text.length >> 1;
  return [text.slice(0, middle), text.slice(middle)];
}

/**
 * One message of `application/vnd.amazon.eventstream`: total and header length, their CRC, headers (name, type 7,
 * value), payload, CRC of it all; big-endian.
 */
export function frame(type: string, payload: unknown, kind: "event" | "exception" = "event"): Uint8Array {
  const headers = Buffer.concat([
    header(kind === "event" ? ":event-type" : ":exception-type", type),
    header(":content-type", "application/json"),
    header(":message-type", kind),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const total = 12 + headers.length + body.length + 4;
  const bytes = Buffer.alloc(total);
  bytes.writeUInt32BE(total, 0);
  bytes.writeUInt32BE(headers.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  bytes.set(headers, 12);
  bytes.set(body, 12 + headers.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, total - 4)), total - 4);
  return bytes;
}

function header(name: string, value: string): Uint8Array {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([
    Uint8Array.of(Buffer.byteLength(name)),
    Buffer.from(name),
    Uint8Array.of(7),
    length,
    Buffer.from(value),
  ]);
}
