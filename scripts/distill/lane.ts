/**
 * A thread of pieces.ts: some of the pieces, one after the other, through a session of its own. onnxruntime-node blocks
 * the thread it is called from.
 */
import { parentPort, workerData } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";

export interface Lane {
  readonly onnx: string;
  readonly ids: readonly number[];
}

const CLS = 101n;
const SEP = 102n;

// pieces.ts gives it so.
const { onnx, ids } = workerData as Lane;
const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const tensor = (values: readonly bigint[]) => new Tensor("int64", BigInt64Array.from(values), [1, 3]);
const rest = { attention_mask: tensor([1n, 1n, 1n]), token_type_ids: tensor([0n, 0n, 0n]) };

let rows = new Float64Array(0);
for (const [at, id] of ids.entries()) {
  const { last_hidden_state: state } = await session.run({ input_ids: tensor([CLS, BigInt(id), SEP]), ...rest });
  if (!(state?.data instanceof Float32Array)) throw new Error(`${onnx} gives no last_hidden_state of float32.`);
  const { data } = state;
  const width = data.length / 3;
  if (at === 0) rows = new Float64Array(ids.length * width);
  for (let d = 0; d < width; d += 1) {
    rows[at * width + d] = ((data[d] ?? 0) + (data[width + d] ?? 0) + (data[2 * width + d] ?? 0)) / 3;
  }
}
await session.release();
parentPort?.postMessage(rows, [rows.buffer]);
