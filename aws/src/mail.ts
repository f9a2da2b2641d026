import type { SESv2Client } from "@aws-sdk/client-sesv2";
import { MAX_MAIL, type MailOut, MailRefused, MailUnsure, type OutgoingMail } from "@steward/core/mail-out.ts";
import { type CloudAccess, sdkSettings } from "./clients.ts";
import { nameOf } from "./errors.ts";

/**
 * MailOut through Amazon SES, which is given the message as it is and adds a DKIM signature. SES knows no token for a
 * request that comes twice, so the SDK's retries are off: only what was surely refused is ever worth another try, and
 * whose that is the caller decides. The SDK's client is loaded with the first mail.
 */
export interface SesMailDeps {
  readonly access: CloudAccess;
}

/** Throws `MailRefused` or `MailUnsure`. */
export function sesMail({ access }: SesMailDeps): MailOut {
  let client: SESv2Client | undefined;
  return {
    async send(mail) {
      checkMail(mail);
      const sdk = await import("@aws-sdk/client-sesv2");
      client ??= new sdk.SESv2Client({ ...sdkSettings(access, 60_000), maxAttempts: 1 });
      const input = {
        FromEmailAddress: mail.from,
        Destination: { ToAddresses: [...mail.to] },
        Content: { Raw: { Data: mail.raw } },
      };
      try {
        const { MessageId } = await client.send(new sdk.SendEmailCommand(input));
        return { id: MessageId ?? "" };
      } catch (error) {
        throw refusalOf(error, mail);
      }
    },
  };
}

function checkMail({ to, raw }: OutgoingMail): void {
  if (to.length === 0) throw new MailRefused("rejected", "The mail has no recipient. Give it one.");
  if (raw.length > MAX_MAIL) {
    const mb = Math.ceil(raw.length / 1e6);
    throw new MailRefused(
      "too-large",
      `The mail has ${mb} MB, and ${MAX_MAIL / 1e6} MB can be sent. Send a link instead.`,
    );
  }
}

function refusalOf(error: unknown, { from }: OutgoingMail): Error {
  const because = { cause: error };
  const said = error instanceof Error ? error.message : "";
  switch (nameOf(error)) {
    case "MessageRejected": {
      if (!/not verified/i.test(said)) return new MailRefused("rejected", `SES refused the mail: ${said}`, because);
      // It lists the addresses that were not proven; in the sandbox the recipients' as well.
      return said.toLowerCase().includes(from.toLowerCase()) ? senderUnproven(from, because) : inSandbox(because);
    }
    case "MailFromDomainNotVerifiedException":
      return senderUnproven(from, because);
    case "AccountSuspendedException":
    case "SendingPausedException":
      return new MailRefused(
        "paused",
        "SES has stopped this account, or its sending is switched off. The console of SES says why, under Account dashboard.",
        because,
      );
    case "TooManyRequestsException":
    case "LimitExceededException":
    case "ThrottlingException":
      return new MailRefused("later", "SES's limit for this second or this day is reached. Try again later.", because);
    case "AccessDeniedException":
    case "UnrecognizedClientException":
    case "CredentialsProviderError":
      return new MailRefused(
        "denied",
        `This function may not send mail from ${from}. Deploy again with that address as the sender.`,
        because,
      );
    case "ECONNREFUSED":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new MailRefused(
        "later",
        `SES does not answer (${nameOf(error)}). Nothing was sent; try again later.`,
        because,
      );
    case "BadRequestException":
    case "NotFoundException":
      return new MailRefused("rejected", `SES refused the mail: ${said}`, because);
    default:
      return new MailUnsure(because);
  }
}

function senderUnproven(from: string, because: ErrorOptions): MailRefused {
  return new MailRefused(
    "sender",
    `${from} is not proven to be yours. Verify it, or its domain, in the console of SES (Identities), then send again.`,
    because,
  );
}

function inSandbox(because: ErrorOptions): MailRefused {
  return new MailRefused(
    "sandbox",
    "SES still keeps this account in its sandbox, which sends to verified addresses only. Verify the recipient, or ask " +
      "for production access in the console of SES.",
    because,
  );
}
