import assert from "node:assert/strict";
import { it } from "node:test";
import { GetScheduleCommand, ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { sdkSettings } from "./clients.ts";
import { CloudMissing, CloudRefused } from "./errors.ts";
import { eventBridgeSchedules } from "./scheduler.ts";
import { makeScheduleGroup } from "./testing/make.ts";
import { onMoto } from "./testing/moto.ts";
import { jsonError } from "./testing/wire.ts";

const ROLE = "arn:aws:iam::123456789012:role/schedules";
const QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs";
const AT = Date.UTC(2026, 11, 24, 7, 30);

// moto keeps schedules and never fires them (nor minds what `at()` says): what AWS would be told is read back.
await onMoto(async ({ access, wire }) => {
  const client = new SchedulerClient(sdkSettings(access));
  const open = async () => {
    const group = await makeScheduleGroup(client);
    const schedules = eventBridgeSchedules({ access, group, roleArn: ROLE, queueArn: QUEUE });
    const kept = (Name: string) => client.send(new GetScheduleCommand({ GroupName: group, Name }));
    const names = async () =>
      ((await client.send(new ListSchedulesCommand({ GroupName: group }))).Schedules ?? []).map(({ Name }) => Name);
    return { group, schedules, kept, names };
  };

  it("sends one message at its time, once, and is gone after it", async () => {
    const { schedules, kept } = await open();
    await schedules.set("job-1", AT, '{"job":"1"}');
    const schedule = await kept("job-1");
    assert.equal(schedule.ScheduleExpression, "at(2026-12-24T07:30:00)");
    assert.equal(schedule.ScheduleExpressionTimezone, "UTC");
    assert.equal(schedule.ActionAfterCompletion, "DELETE");
    assert.deepEqual(schedule.FlexibleTimeWindow, { Mode: "OFF" });
    const { Arn, RoleArn, Input } = schedule.Target ?? {};
    assert.deepEqual({ Arn, RoleArn, Input }, { Arn: QUEUE, RoleArn: ROLE, Input: '{"job":"1"}' });
  });

  it("is never before its time: a part of a second is rounded up", async () => {
    const { schedules, kept } = await open();
    await schedules.set("job-1", AT + 1, "x");
    assert.equal((await kept("job-1")).ScheduleExpression, "at(2026-12-24T07:30:01)");
  });

  it("takes another time for the same name, and keeps one", async () => {
    const { schedules, kept, names } = await open();
    await schedules.set("job-1", AT, "first");
    await schedules.set("job-1", AT + 3_600_000, "second");
    assert.deepEqual(await names(), ["job-1"]);
    const { ScheduleExpression, Target } = await kept("job-1");
    assert.deepEqual([ScheduleExpression, Target?.Input], ["at(2026-12-24T08:30:00)", "second"]);
  });

  it("counts a schedule that fired while it was being changed as done", async () => {
    const { schedules } = await open();
    await schedules.set("job-1", AT, "first");
    wire.intercept(({ operation }) => (operation === "PUT" ? jsonError("ResourceNotFoundException", 404) : undefined));
    await schedules.set("job-1", AT, "again");
    wire.intercept(({ operation }) => (operation === "PUT" ? jsonError("AccessDeniedException", 403) : undefined));
    await assert.rejects(schedules.set("job-1", AT, "again"), CloudRefused);
    wire.restore();
  });

  it("says that the group is missing, or that the role may not", async () => {
    const lost = eventBridgeSchedules({ access, group: "no-such-group", roleArn: ROLE, queueArn: QUEUE });
    wire.intercept(() => jsonError("ResourceNotFoundException", 404));
    await assert.rejects(lost.set("job-1", AT, "x"), CloudMissing);
    wire.intercept(() => jsonError("AccessDeniedException", 403));
    await assert.rejects(lost.set("job-1", AT, "x"), CloudRefused);
    wire.restore();
  });
});
