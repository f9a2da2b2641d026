import { z } from "zod";
import type { SqsEvent } from "./jobs.ts";
import type { Taken } from "./taking-in.ts";

/**
 * What comes to the worker, sorted: messages of jobs, what S3 says of uploads, and the clock's. All come through the one
 * queue; the clock's may also come by itself. What is none of these stays a job's message, which names no job: it is kept
 * and ends among the dead letters, where a person sees it.
 */
export interface Messages {
  readonly uploads: readonly Taken[];
  readonly jobs: SqsEvent["Records"];
  /** Housekeeping is due. */
  readonly tick: boolean;
}

export type QueueEvent = SqsEvent | { readonly tick: true };

const Tick = z.object({ tick: z.literal(true) });
/** What S3 sends once, when it is told to send. */
const TestEvent = z.object({ Event: z.literal("s3:TestEvent") });
const ObjectsCreated = z.object({
  Records: z
    .array(
      z.object({
        eventSource: z.literal("aws:s3"),
        eventTime: z.string(),
        s3: z.object({
          bucket: z.object({ name: z.string() }),
          object: z.object({ key: z.string(), eTag: z.string().optional() }),
        }),
      }),
    )
    .min(1),
});

/** `bucket`: the one for uploads; what is said of another is not ours. */
export function messagesOf(event: QueueEvent, bucket: string): Messages {
  if (!("Records" in event)) return { uploads: [], jobs: [], tick: event.tick };
  const uploads: Taken[] = [];
  const jobs: SqsEvent["Records"][number][] = [];
  let tick = false;
  for (const message of event.Records) {
    const said = jsonOf(message.body);
    const created = ObjectsCreated.safeParse(said);
    if (Tick.safeParse(said).success) tick = true;
    else if (TestEvent.safeParse(said).success) continue;
    else if (created.success && created.data.Records.every(({ s3 }) => s3.bucket.name === bucket)) {
      for (const { eventTime, s3 } of created.data.Records) {
        const { key, eTag = "" } = s3.object;
        uploads.push({ messageId: message.messageId, key, etag: eTag, at: Date.parse(eventTime) || 0 });
      }
    } else jobs.push(message);
  }
  return { uploads, jobs, tick };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
