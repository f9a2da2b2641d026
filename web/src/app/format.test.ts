import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, dollars, initials, longDate, milliseconds, monthOf, shortDate } from "./format.ts";

test("a letter's date is shown as the letter wrote it, whatever the reader's zone", () => {
  assert.equal(longDate("2025-01-11T18:22:00+11:00"), "Sat 11 January 2025, 18:22");
  assert.equal(longDate("2025-01-11"), "Sat 11 January 2025");
  assert.equal(longDate("no date"), "no date");
  assert.equal(shortDate("2025-03-11T21:04:00Z", Date.UTC(2025, 5, 1)), "11 Mar");
  assert.equal(shortDate("2025-03-11T21:04:00Z", Date.UTC(2026, 5, 1)), "11 Mar 2025");
  assert.equal(monthOf("2025-03-11"), "March 2025");
  assert.equal(monthOf(""), "Undated");
});

test("sizes, money and times keep the digits that matter", () => {
  assert.deepEqual(
    [bytes(999), bytes(214_300), bytes(1_800_000), bytes(24e6), bytes(2.04e9)],
    ["999 B", "214 kB", "1.8 MB", "24 MB", "2.0 GB"],
  );
  assert.deepEqual([dollars(0), dollars(0.0013), dollars(0.12), dollars(2)], ["$0.00", "$0.0013", "$0.12", "$2.00"]);
  assert.deepEqual([milliseconds(0.6), milliseconds(41.2), milliseconds(1240)], ["0.6 ms", "41 ms", "1.2 s"]);
  assert.deepEqual([initials("Ana Silva"), initials("TAP"), initials("")], ["AS", "T", "·"]);
});
