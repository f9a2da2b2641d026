import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type CloudAccess, sdkSettings } from "../src/clients.ts";
import type { SqsBatchResponse } from "../src/jobs.ts";
import type { LocalFunction } from "./functions.ts";

/**
 * Lambda's event source for the queue: asks for up to five messages, hands them to the worker, and deletes those that it
 * does not name as failed. The others are seen again after the queue's visibility timeout.
 */
export interface Poller {
  /** Hands over one batch if there is one; how many messages. */
  once(waitSeconds?: number): Promise<number>;
  /** Until closed. */
  run(): void;
  close(): Promise<void>;
}

export function openPoller(worker: LocalFunction, access: CloudAccess, queueUrl: string): Poller {
  const client = new SQSClient(sdkSettings(access));
  let closed = false;
  let running: Promise<void> | undefined;

  async function once(WaitTimeSeconds = 0): Promise<number> {
    const asked = { QueueUrl: queueUrl, MaxNumberOfMessages: 5, WaitTimeSeconds };
    const { Messages: messages = [] } = await client.send(new ReceiveMessageCommand(asked));
    if (messages.length === 0) return 0;
    const Records = messages.map(({ MessageId = "", Body = "" }) => ({ messageId: MessageId, body: Body }));
    const failed = await worker.call({ Records }).then(
      // What a handler with ReportBatchItemFailures returns.
      (said) => new Set((said as SqsBatchResponse).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)),
      () => undefined,
    );
    const done = failed ? messages.filter(({ MessageId = "" }) => !failed.has(MessageId)) : [];
    const Entries = done.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    return messages.length;
  }

  return {
    once,
    run() {
      running ??= (async () => {
        while (!closed) {
          await once(1).catch(async (error: unknown) => {
            if (!closed) process.stderr.write(`queue: ${error instanceof Error ? error.message : String(error)}\n`);
            await new Promise((resolve) => setTimeout(resolve, 1_000));
          });
        }
      })();
    },
    async close() {
      closed = true;
      await running;
      client.destroy();
    },
  };
}
