/** Lambda's Node 24 has no Temporal yet: it is brought along, and loaded only there. Nothing uses it while it loads. */
export async function polyfill(): Promise<void> {
  if (!("Temporal" in globalThis)) await import("temporal-polyfill/global");
}
