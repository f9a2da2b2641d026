import assert from "node:assert/strict";
import { it } from "node:test";
import { CreateEmailIdentityCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { type MailRefusal, MailRefused, MailUnsure } from "@steward/core/mail-out.ts";
import { sdkSettings } from "./clients.ts";
import { sesMail } from "./mail.ts";
import { onMoto } from "./testing/moto.ts";
import { jsonError } from "./testing/wire.ts";

const RAW = Buffer.from(
  "From: me@example.org\r\nTo: you@example.net\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello.\r\n",
);
const MAIL = { from: "me@example.org", to: ["you@example.net"], raw: RAW };

await onMoto(async ({ access, wire }) => {
  const mail = sesMail({ access });
  await new SESv2Client(sdkSettings(access)).send(new CreateEmailIdentityCommand({ EmailIdentity: MAIL.from }));
  const refused = (work: Promise<unknown>, code: MailRefusal, says: RegExp) =>
    assert.rejects(work, (error) => error instanceof MailRefused && error.code === code && says.test(error.message));
  const sent = () => wire.asked.filter(({ path }) => path.includes("outbound-emails"));

  it("hands the message over as it is, byte for byte, once", async () => {
    wire.asked.length = 0;
    const { id } = await mail.send(MAIL);
    assert.match(id, /\S/);
    const [request, ...more] = sent();
    assert.equal(more.length, 0);
    const said = JSON.parse(request?.body.toString() ?? "");
    assert.deepEqual(Buffer.from(said.Content.Raw.Data, "base64"), RAW);
    assert.deepEqual(said.Destination.ToAddresses, MAIL.to);
  });

  it("is refused for a sender nobody has proven, in moto's own words too", () =>
    assert.rejects(mail.send({ ...MAIL, from: "other@example.com" }), MailRefused));

  it("says of each refusal what to do", async () => {
    const cases: [name: string, code: MailRefusal, says: RegExp, message?: string][] = [
      [
        "MessageRejected",
        "sandbox",
        /production access/,
        "Email address is not verified. The following identities failed the check in region US-EAST-1: you@example.net",
      ],
      [
        "MessageRejected",
        "sender",
        /not proven/,
        "Email address is not verified. The following identities failed the check in region US-EAST-1: me@example.org, you@example.net",
      ],
      ["MessageRejected", "rejected", /virus/, "the mail holds a virus"],
      ["MailFromDomainNotVerifiedException", "sender", /not proven/],
      ["SendingPausedException", "paused", /dashboard/],
      ["AccountSuspendedException", "paused", /dashboard/],
      ["TooManyRequestsException", "later", /later/],
      ["AccessDeniedException", "denied", /me@example\.org/],
      ["BadRequestException", "rejected", /refused/],
    ];
    for (const [name, code, says, message = "said so"] of cases) {
      wire.intercept(() => jsonError(name, 400, { message }));
      wire.asked.length = 0;
      await refused(mail.send(MAIL), code, says);
      assert.equal(sent().length, 1, `${name}: not tried again`);
    }
    wire.restore();
  });

  it("does not send again what may have been sent, and says so", async () => {
    for (const instead of ["cut", jsonError("InternalFailure", 500)] as const) {
      wire.intercept(() => instead);
      wire.asked.length = 0;
      await assert.rejects(mail.send(MAIL), MailUnsure);
      assert.equal(sent().length, 1);
    }
    wire.restore();
  });

  it("sends nothing without a recipient, nor what is too large; nobody there is told as such", async () => {
    wire.asked.length = 0;
    await refused(mail.send({ ...MAIL, to: [] }), "rejected", /no recipient/);
    await refused(mail.send({ ...MAIL, raw: new Uint8Array(25_000_001) }), "too-large", /26 MB.*25 MB/);
    assert.equal(sent().length, 0);
    const nowhere = sesMail({ access: { ...access, endpoint: "http://127.0.0.1:1" } });
    await refused(nowhere.send(MAIL), "later", /Nothing was sent/);
  });
});
