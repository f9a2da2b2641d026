/** One run of text as PDF.js gives it. */
export interface Piece {
  readonly str: string;
  /** The text matrix: [a, b, c, d, x, y], y growing upwards. */
  readonly transform: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly hasEOL: boolean;
}

/**
 * Runs of text as lines and paragraphs: a gap on the line is a space (two for a column), a drop is a line break, a
 * large drop a blank line. Words that a PDF draws letter by letter come together again, since their gaps are small.
 */
export function pageText(pieces: readonly Piece[]): string {
  let text = "";
  let last: { x: number; y: number; size: number } | undefined;
  for (const piece of pieces) {
    const [a = 0, b = 0, , d = 0, x = 0, y = 0] = piece.transform;
    const size = Math.hypot(a, b) || Math.abs(d) || piece.height || 10;
    if (piece.str === "") {
      if (piece.hasEOL && last) text = breakLine(text);
      continue;
    }
    if (last) {
      const drop = Math.abs(last.y - y);
      if (drop > Math.min(size, last.size) * 0.6) {
        text = breakLine(text);
        if (drop > Math.max(size, last.size) * 1.9 && !text.endsWith("\n\n")) text += "\n";
      } else if (!/\s$/.test(text) && !/^\s/.test(piece.str)) {
        const gap = x - last.x;
        if (gap > size * 1.5) text += "  ";
        else if (gap > size * 0.15 || gap < -size) text += " ";
      }
    }
    text += piece.str;
    last = { x: x + piece.width, y, size };
    if (piece.hasEOL) text = breakLine(text);
  }
  return text.replace(/[ \t]+$/gm, "");
}

function breakLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
