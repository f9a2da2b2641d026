import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/** WCAG 2.2 contrast (1.4.3, 1.4.11) computed from the tokens themselves: OKLCH → sRGB → relative luminance. */
const CSS = readFileSync(join(import.meta.dirname, "src", "app", "tokens.css"), "utf8");

function tokensOf(selector: string): Map<string, string> {
  const from = CSS.indexOf(`${selector} {`);
  assert.ok(from >= 0, `tokens.css has no ${selector}`);
  const body = CSS.slice(from, CSS.indexOf("\n}", from));
  return new Map([...body.matchAll(/--([\w-]+):\s*(oklch\([^)]*\))/g)].map((m) => [m[1]!, m[2]!]));
}

const light = tokensOf(":root");
const THEMES = { light, dark: new Map([...light, ...tokensOf(':root[data-theme="dark"]')]) };

/** Relative luminance of `oklch(L C h)`, by Ottosson's matrices; out-of-gamut channels are clipped as browsers do. */
function luminance(oklch: string): number {
  const [lightness = 0, chroma = 0, hue = 0] = oklch
    .slice(6, -1)
    .split(/[\s/]+/)
    .map(Number);
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((channel) => Math.min(1, Math.max(0, channel)));
  return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
}

function contrast(theme: Map<string, string>, one: string, other: string): number {
  const [a, b] = [one, other].map((name) => luminance(theme.get(name) ?? assert.fail(`no token --${name}`)));
  return (Math.max(a!, b!) + 0.05) / (Math.min(a!, b!) + 0.05);
}

const GROUNDS = ["paper", "surface", "sunken"];
const TEXT: readonly (readonly [string, string])[] = [
  ...["ink", "ink-2", "ink-3", "accent", "doubt", "wax"].flatMap((text) =>
    GROUNDS.map((ground) => [text, ground] as const),
  ),
  ["on-accent", "accent"],
  ["accent", "accent-soft"],
  ["ink", "accent-soft"],
  ["ink-3", "accent-soft"],
  ["doubt", "doubt-soft"],
  ["ink", "doubt-soft"],
  ["wax", "wax-soft"],
  ["ink", "mark"],
  ["ink-2", "line"],
  ["paper", "ink"],
];
/** Inputs stand on paper and on surface, never on sunken ground. */
const BORDERS = ["paper", "surface"].map((ground) => ["line-strong", ground] as const);

test("the measure is right: black on white is 21 to 1", () => {
  const theme = new Map([
    ["black", "oklch(0 0 0)"],
    ["white", "oklch(1 0 0)"],
  ]);
  assert.ok(Math.abs(contrast(theme, "black", "white") - 21) < 0.01);
});

for (const [name, theme] of Object.entries(THEMES)) {
  for (const [text, ground] of TEXT) {
    test(`${name}: ${text} on ${ground} is read at 4.5:1`, () => {
      const ratio = contrast(theme, text, ground);
      assert.ok(ratio >= 4.5, `--${text} on --${ground}: ${ratio.toFixed(2)}`);
    });
  }
  for (const [border, ground] of BORDERS) {
    test(`${name}: an input's border stands out from ${ground} at 3:1`, () => {
      const ratio = contrast(theme, border, ground);
      assert.ok(ratio >= 3, `--${border} on --${ground}: ${ratio.toFixed(2)}`);
    });
  }
}
