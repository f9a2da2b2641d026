import type { ReadDocument, ReaderInput, ReaderOutcome } from "@steward/core/intake/reader.ts";
import ICAL from "ical.js";
import { tidy } from "../encoding.ts";
import { MAX_MEMBERS, Refused } from "../limits.ts";
import { dateOfFile, titleFromName } from "./text.ts";

/** vCards (2.1, RFC 2426, RFC 6350): one card is a contact; many are a container. */
export function readCards(input: ReaderInput, source: string): ReaderOutcome {
  const cards = cardsIn(tidy(source));
  const [only] = cards;
  if (!only) throw new Refused("damaged", "The card has no end: it may be cut.");
  if (cards.length === 1) return { ok: true, document: contactOf(only, input) };
  if (cards.length > MAX_MEMBERS) throw new Refused("too-large", `It holds more than ${MAX_MEMBERS} cards.`);
  const parts = cards.map((card, at) => {
    const bytes = Buffer.from(`${card.replaceAll("\n", "\r\n")}\r\n`);
    const name = /^FN[^:\n]{0,200}:([^\n]{1,100})/im.exec(card)?.[1]?.replace(/[/\\]/g, " ").trim();
    return {
      filename: `${name || `card-${at + 1}`}.vcf`,
      mediaType: "text/vcard",
      size: bytes.length,
      inline: false,
      bytes,
    };
  });
  return { ok: true, parts, warnings: [] };
}

function cardsIn(text: string): string[] {
  return text
    .split(/^BEGIN:VCARD[ \t]*$/im)
    .slice(1)
    .flatMap((after) => {
      const end = after.search(/^END:VCARD[ \t]*$/im);
      return end < 0 ? [] : [`BEGIN:VCARD${after.slice(0, end)}END:VCARD`];
    });
}

const LABELS: readonly (readonly [property: string, label: string])[] = [
  ["nickname", "Nickname"],
  ["org", "Organization"],
  ["title", "Title"],
  ["role", "Role"],
  ["email", "Email"],
  ["tel", "Phone"],
  ["adr", "Address"],
  ["bday", "Birthday"],
  ["anniversary", "Anniversary"],
  ["url", "Web"],
  ["impp", "Messaging"],
  ["related", "Related"],
  ["categories", "Categories"],
  ["note", "Note"],
];

function contactOf(card: string, input: ReaderInput): ReadDocument {
  const component = new ICAL.Component(ICAL.parse(modern(card)));
  const name = valuesOf(component, "fn")[0]?.value || nameFromParts(component) || valuesOf(component, "org")[0]?.value;
  const lines = LABELS.flatMap(([property, label]) =>
    valuesOf(component, property).map(({ value, type }) => `${label}${type ? ` (${type})` : ""}: ${value}`),
  );
  const addresses = valuesOf(component, "email").map(({ value }) => value.toLowerCase());
  const numbers = valuesOf(component, "tel").map(({ value }) => value.replace(/^tel:/i, "").toLowerCase());
  const title = name ?? addresses[0] ?? titleFromName(input.name);
  const reachable = [...addresses, ...numbers].slice(0, 100);
  return {
    kind: "contact",
    title,
    ...dateOfFile(input),
    people:
      reachable.length === 0
        ? [{ role: "self", name: title.slice(0, 200) }]
        : reachable.map((address) => ({ role: "self", name: title.slice(0, 200), address: address.slice(0, 320) })),
    mediaType: "text/vcard",
    text: [title, ...lines].join("\n"),
    marks: [],
    parts: [],
    warnings: [],
  };
}

function valuesOf(component: ICAL.Component, name: string): { value: string; type: string }[] {
  return component
    .getAllProperties(name)
    .map((property) => {
      const parameter: unknown = property.getParameter("type");
      const types = [parameter].flat().filter((type): type is string => typeof type === "string");
      const type = types
        .map((each) => each.toLowerCase())
        .filter((each) => !["pref", "internet", "voice"].includes(each));
      return { value: property.getValues().map(flat).filter(Boolean).join(", "), type: type.join(", ") };
    })
    .filter(({ value }) => value !== "");
}

/** Structured values (an address, an organization) come as nested arrays. */
function flat(value: unknown): string {
  if (Array.isArray(value)) return value.map(flat).filter(Boolean).join(", ");
  return String(value ?? "")
    .replace(/\s+/g, " ")
    .trim();
}

function nameFromParts(component: ICAL.Component): string {
  const value: unknown = component.getFirstPropertyValue("n");
  if (!Array.isArray(value)) return "";
  const [family, given, middle, prefix] = value.map(flat);
  return [prefix, given, middle, family].filter(Boolean).join(" ");
}

/**
 * vCard 2.1, which old phones write, in the grammar of 3.0: quoted-printable values decoded, bare parameters named,
 * groups ("item1.") dropped. Pictures and keys are left out: they are large and say nothing.
 */
function modern(card: string): string {
  const joined = card.replace(/=\n(?=[^\n]*)/g, (soft, at: number) => (isQuotedPrintable(card, at) ? "" : soft));
  const lines = joined.replace(/\n[ \t]/g, "").split("\n");
  return lines
    .map((line) => line.replace(/^[A-Za-z0-9-]+\.(?=[A-Za-z-]+[;:])/, ""))
    .filter(
      (line) => line.trim() !== "" && !/^(?:PHOTO|LOGO|SOUND|KEY)[;:]/i.test(line) && /^[A-Za-z-]+[;:]/.test(line),
    )
    .map(modernLine)
    .join("\r\n");
}

function isQuotedPrintable(card: string, at: number): boolean {
  return (
    /ENCODING=QUOTED-PRINTABLE|;QUOTED-PRINTABLE/i.test(card.slice(card.lastIndexOf("\n", at - 1) + 1, at)) ||
    /=\n[^\n:]*$/.test(card.slice(Math.max(0, at - 200), at))
  );
}

function modernLine(line: string): string {
  const colon = line.indexOf(":");
  const [name = "", ...parameters] = line.slice(0, colon).split(";");
  const quoted = parameters.some((parameter) => /^(?:encoding=)?quoted-printable$/i.test(parameter));
  const charset = parameters.find((parameter) => /^charset=/i.test(parameter))?.slice(8);
  const kept = parameters
    .filter((parameter) => !/^(?:encoding=.*|quoted-printable|8bit|base64|charset=.*)$/i.test(parameter))
    .map((parameter) => (parameter.includes("=") ? parameter : `TYPE=${parameter}`));
  const value = line.slice(colon + 1);
  const plain = quoted ? decodeQuotedPrintable(value, charset).replaceAll("\n", "\\n") : value;
  return `${[name, ...kept].join(";")}:${plain}`;
}

function decodeQuotedPrintable(value: string, charset: string | undefined): string {
  const bytes = Buffer.from(
    Buffer.from(value)
      .toString("latin1")
      .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
  try {
    return new TextDecoder(charset || "utf-8").decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    return bytes.toString("utf8");
  }
}
