import type { SchedulerClient } from "@aws-sdk/client-scheduler";
import { type CloudAccess, sdkSettings } from "./clients.ts";
import { asCloudError, nameOf } from "./errors.ts";

/**
 * One-off schedules on EventBridge Scheduler: each sends one message to the queue at its time and is then gone. A name
 * is set as often as one likes; the last time counts. The SDK's client is loaded at first use, for few requests need it.
 */
export interface OneOffSchedules {
  /** `at` in milliseconds since the epoch; the message arrives within the minute after it, and never before. */
  set(name: string, at: number, message: string): Promise<void>;
}

export interface EventBridgeSchedulesDeps {
  readonly access: CloudAccess;
  readonly group: string;
  /** A role that EventBridge Scheduler may take on, and that may send to the queue and nothing else. */
  readonly roleArn: string;
  readonly queueArn: string;
}

/** Throws one of `errors.ts`. */
export function eventBridgeSchedules({ access, group, roleArn, queueArn }: EventBridgeSchedulesDeps): OneOffSchedules {
  let client: SchedulerClient | undefined;
  const what = `The schedule group ${group}`;
  const load = async () => {
    const sdk = await import("@aws-sdk/client-scheduler");
    client ??= new sdk.SchedulerClient(sdkSettings(access));
    return { sdk, client };
  };
  return {
    async set(name, at, message) {
      const { sdk, client } = await load();
      const schedule = {
        Name: name,
        GroupName: group,
        ScheduleExpression: `at(${atSecond(at)})`,
        ScheduleExpressionTimezone: "UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        Target: { Arn: queueArn, RoleArn: roleArn, Input: message },
      } as const;
      try {
        await client.send(new sdk.CreateScheduleCommand(schedule));
      } catch (error) {
        if (nameOf(error) !== "ConflictException") throw asCloudError(error, what);
        // There already, or this very request was sent twice. If it fires in between it is gone, and so is the reason
        // for it: its message is on its way.
        await client.send(new sdk.UpdateScheduleCommand(schedule)).catch((error: unknown) => {
          if (nameOf(error) !== "ResourceNotFoundException") throw asCloudError(error, what);
        });
      }
    },
  };
}

/** `at()` knows seconds: rounded up, so that nothing is sent before its time. */
function atSecond(at: number): string {
  return new Date(Math.ceil(at / 1_000) * 1_000).toISOString().slice(0, 19);
}
