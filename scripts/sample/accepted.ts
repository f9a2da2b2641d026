/**
 * What counts as the same value: a date, an amount or a time of day in the spellings that mails, documents and answers
 * use. The word list covers English, German, Swedish, Portuguese and French.
 */
const MONTHS = [
  "jan(uary?|uar|uari|eiro|vier)?",
  "feb(ruary|ruar|ruari)?|fevereiro|février",
  "mar(ch|s|ço)?|märz",
  "apr(il)?|abril|avril",
  "may|mai|maj|maio",
  "june?|juni|junho|juin",
  "july?|juli|julho|juillet",
  "aug(ust|usti)?|agosto|août",
  "sep(t|tember)?|setembro|septembre",
  "oct(ober)?|okt(ober)?|outubro|octobre",
  "nov(ember)?|novembro|novembre",
  "dec(ember)?|dez(ember|embro)?|décembre",
];

/** A date in the usual spellings of five languages; the year may be left out. */
export function date(iso: string): RegExp {
  const [year = "", month = "", day = ""] = iso.split("-");
  const d = String(Number(day));
  const m = String(Number(month));
  const name = `(?:${MONTHS[Number(month) - 1]})`;
  return new RegExp(
    `(?<!\\d)(?:${year}-${month}-${day}|0?${d}(?:st|nd|rd|th)?\\.?\\s*(?:of |de )?${name}\\b|${name}\\.?\\s+(?:the )?0?${d}(?!\\d|:)|0?${d}[./]0?${m}[./](?:20)?${year.slice(2)})`,
    "iu",
  );
}

/** An amount however it groups thousands and with or without its cents; no currency, which stands on either side. */
export function amount(value: number): RegExp {
  const [whole = "", cents = "00"] = value.toFixed(2).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "[ ,.'’\u00a0\u202f]?");
  const tail = cents === "00" ? "(?:[.,](?:00|-|–))?" : `[.,]${cents}`;
  return new RegExp(`(?<!\\d|\\d[.,'’])${grouped}${tail}(?![\\d]|[.,'’]\\d)`, "u");
}

/** A time of day: `14:15`, `14.15`, `14h15`; full hours also `9 o'clock`, `9 am`. */
export function time(text: string): RegExp {
  const [hour = "", minute = ""] = text.split(":");
  const h = Number(hour);
  const half = `${h % 12 === 0 ? 12 : h % 12}${minute === "00" ? `(?:[:.]00)?` : `[:.]${minute}`}\\s*${h < 12 ? "a" : "p"}\\.?m`;
  const full = minute === "00" ? `|0?${h}\\s*(?:Uhr|h\\b|o'clock)` : "";
  return new RegExp(`(?<!\\d)(?:0?${h}[:.h]${minute}(?!\\d)${full}|${half})`, "iu");
}
