/**
 * Writes one mail of the sample as MIME (RFC 5322, 2045–2047): threads, quoted replies, HTML, charsets, attachments.
 * A story says what a mail says; its form (plain, HTML only, ISO-8859-1 …) is a property beside the words, so that
 * the archive exercises a reader the way twenty years of mail programs do.
 */
import { createHash } from "node:crypto";
import { type Language, longDate, mailDate, wallTime } from "./calendar.ts";
import { personOf } from "./people.ts";

export interface Mail {
  /** The story's own name for it; questions name their evidence by it. */
  readonly id: string;
  /** Wall time in Zürich, `2024-11-04 19:42`. */
  readonly at: string;
  /** Keys of people.ts, or `Name <address>`. */
  readonly from: string;
  readonly to?: string;
  readonly cc?: string;
  /** Left out of a reply: `Re:` and the subject it answers. */
  readonly subject?: string;
  readonly body: string;
  /** The id of the mail it answers. The answered text is quoted below unless `quote` says no. */
  readonly re?: string;
  readonly quote?: boolean;
  readonly language?: Language;
  readonly form?: "plain" | "html" | "both";
  readonly charset?: "utf-8" | "utf-8-base64" | "iso-8859-1" | "windows-1252";
  readonly attach?: readonly string[];
  readonly list?: string;
  readonly keep?: "mbox" | "eml" | "maildir";
}

export interface Attachment {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** RFC 5322 Message-ID without angle brackets; says nothing of the content. */
export function messageIdOf(mail: Mail): string {
  const left = createHash("sha256").update(`steward sample ${mail.id}`).digest("hex").slice(0, 20);
  return `${left}@${personOf(mail.from).address.split("@")[1]}`;
}

export function subjectOf(mail: Mail, mailById: ReadonlyMap<string, Mail>): string {
  if (mail.subject !== undefined) return mail.subject;
  const answered = mail.re === undefined ? undefined : mailById.get(mail.re);
  if (!answered) throw new Error(`The sample's mail ${mail.id} has no subject and answers nothing.`);
  const subject = subjectOf(answered, mailById);
  return /^(re|aw|sv):/i.test(subject)
    ? subject
    : `${mail.language === "de" ? "AW" : mail.language === "sv" ? "Sv" : "Re"}: ${subject}`;
}

/** The words as the person sees them: what was written and, below, what was quoted. */
export function textOf(mail: Mail, mailById: ReadonlyMap<string, Mail>): string {
  const own = mail.body.trim();
  const answered = mail.re === undefined ? undefined : mailById.get(mail.re);
  if (!answered || mail.quote === false) return own;
  const quoted = textOf(answered, mailById)
    .split("\n")
    .map((line) => (line.startsWith(">") ? `>${line}` : line ? `> ${line}` : ">"))
    .join("\n");
  return `${own}\n\n${introduction(answered, mail.language ?? "en")}\n${quoted}`;
}

function introduction(answered: Mail, language: Language): string {
  const name = personOf(answered.from).name;
  const { hour, minute } = wallTime(answered.at);
  const time = `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
  const day = longDate(answered.at, language);
  switch (language) {
    case "de":
      return `Am ${day} um ${time} schrieb ${name}:`;
    case "sv":
      return `Den ${day} kl. ${time} skrev ${name}:`;
    case "pt":
      return `Em ${day} às ${time}, ${name} escreveu:`;
    case "fr":
      return `Le ${day} à ${time}, ${name} a écrit :`;
    case "en":
      return `On ${day} at ${time}, ${name} wrote:`;
  }
}

/** The whole message with LF line ends. */
export function mimeOf(mail: Mail, mailById: ReadonlyMap<string, Mail>, attachments: readonly Attachment[]): string {
  const charset = mail.charset ?? "utf-8";
  const label = charset === "utf-8-base64" ? "utf-8" : charset;
  const word = (text: string) => encodedWord(text, label, charset === "utf-8-base64" ? "B" : "Q");
  const address = (who: string) => {
    const { name, address } = personOf(who);
    return name ? `${/^[\w .'-]*$/.test(name) ? name : word(name)} <${address}>` : address;
  };
  const addresses = (list: string) => list.split(/,\s*/).map(address).join(",\n ");
  const references = ancestors(mail, mailById).map((id) => `<${id}>`);
  const headers = [
    `From: ${address(mail.from)}`,
    `To: ${addresses(mail.to ?? "nora")}`,
    ...(mail.cc ? [`Cc: ${addresses(mail.cc)}`] : []),
    `Subject: ${word(subjectOf(mail, mailById))}`,
    `Date: ${mailDate(mail.at)}`,
    `Message-ID: <${messageIdOf(mail)}>`,
    ...(references.length ? [`In-Reply-To: ${references.at(-1)}`, `References: ${references.join("\n ")}`] : []),
    ...(mail.list ? [`List-Id: <${mail.list}>`, `List-Unsubscribe: <https://${mail.list}/unsubscribe>`] : []),
    "MIME-Version: 1.0",
  ];
  const body = bodyOf(mail, textOf(mail, mailById), label, charset === "utf-8-base64" || charset === "iso-8859-1");
  if (attachments.length === 0) return `${headers.join("\n")}\n${body}\n`;
  const parts = attachments.map(
    ({ name, type, bytes }) =>
      `Content-Type: ${type}; name="${name}"\nContent-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\n${base64(bytes)}`,
  );
  return `${headers.join("\n")}\n${multipart("mixed", mail.id, [body, ...parts])}\n`;
}

function ancestors(mail: Mail, mailById: ReadonlyMap<string, Mail>): string[] {
  const answered = mail.re === undefined ? undefined : mailById.get(mail.re);
  return answered ? [...ancestors(answered, mailById), messageIdOf(answered)] : [];
}

function bodyOf(mail: Mail, text: string, charset: string, base64Body: boolean): string {
  const part = (subtype: string, content: string) =>
    base64Body
      ? `Content-Type: text/${subtype}; charset=${charset}\nContent-Transfer-Encoding: base64\n\n${base64(bytesIn(content, charset))}`
      : `Content-Type: text/${subtype}; charset=${charset}\nContent-Transfer-Encoding: quoted-printable\n\n${quotedPrintable(content, charset)}`;
  switch (mail.form ?? "plain") {
    case "plain":
      return part("plain", text);
    case "html":
      return part("html", htmlOf(text));
    case "both":
      return multipart("alternative", `${mail.id} alternative`, [part("plain", text), part("html", htmlOf(text))]);
  }
}

function multipart(kind: string, id: string, parts: readonly string[]): string {
  const boundary = `=_${createHash("sha256").update(id).digest("hex").slice(0, 24)}`;
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\n\n${parts.map((part) => `--${boundary}\n${part}\n`).join("")}--${boundary}--`;
}

/** Paragraphs to `<p>`, `a | b` lines to a table, a line of its own that is a link to `<a>`. */
function htmlOf(text: string): string {
  const blocks = text.split(/\n\n+/).map((block) => {
    const lines = block.split("\n");
    if (lines.every((line) => line.includes(" | "))) {
      const rows = lines.map(
        (line) =>
          `<tr>${line
            .split(" | ")
            .map((cell) => `<td>${html(cell)}</td>`)
            .join("")}</tr>`,
      );
      return `<table cellpadding="4">${rows.join("\n")}</table>`;
    }
    if (lines.length === 1 && /^https:\/\/\S+$/.test(block))
      return `<p><a href="${html(block)}">Open in the browser</a></p>`;
    return `<p>${lines.map(html).join("<br>\n")}</p>`;
  });
  return `<!DOCTYPE html>\n<html><head><style>p { font: 15px/1.5 sans-serif; color: #333 }</style></head>\n<body>\n${blocks.join("\n")}\n</body></html>`;
}

const html = (text: string) =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

const WINDOWS_1252: Record<string, number> = {
  "€": 0x80,
  "…": 0x85,
  "’": 0x92,
  "“": 0x93,
  "”": 0x94,
  "–": 0x96,
  "—": 0x97,
};

function bytesIn(text: string, charset: string): Uint8Array {
  if (charset === "utf-8") return new TextEncoder().encode(text);
  return Uint8Array.from([...text], (char) => {
    const code = (charset === "windows-1252" ? WINDOWS_1252[char] : undefined) ?? char.codePointAt(0) ?? 0;
    if (code > 0xff) throw new Error(`"${char}" does not exist in ${charset}; choose another charset for this mail.`);
    return code;
  });
}

function encodedWord(text: string, charset: string, encoding: "B" | "Q"): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  // An encoded word holds at most 75 characters (RFC 2047): words of the text are dealt out over several.
  const pieces = text.match(/.{1,18}/gu) ?? [];
  return pieces
    .map((piece) => {
      const bytes = bytesIn(piece, charset);
      if (encoding === "B") return `=?${charset}?B?${Buffer.from(bytes).toString("base64")}?=`;
      const coded = [...bytes].map((byte) => {
        const char = String.fromCharCode(byte);
        if (char === " ") return "_";
        return /[A-Za-z0-9]/.test(char) ? char : `=${hex(byte)}`;
      });
      return `=?${charset}?Q?${coded.join("")}?=`;
    })
    .join("\n ");
}

function quotedPrintable(text: string, charset: string): string {
  return text
    .split("\n")
    .map((line) => {
      const coded = [...bytesIn(line, charset)].map((byte) =>
        byte === 0x3d || byte < 0x20 || byte > 0x7e ? `=${hex(byte)}` : String.fromCharCode(byte),
      );
      if (coded.at(-1) === " ") coded[coded.length - 1] = "=20";
      const lines: string[] = [];
      let current = "";
      for (const unit of coded) {
        if (current.length + unit.length > 75) {
          lines.push(`${current}=`);
          current = "";
        }
        current += unit;
      }
      return [...lines, current].join("\n");
    })
    .join("\n");
}

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, "0");

function base64(bytes: Uint8Array): string {
  return (
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,76}/g) ?? []
  ).join("\n");
}
