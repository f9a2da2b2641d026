/**
 * A pause in long work, after which it goes on: whatever came meanwhile (a search, a request) is served first. Work that
 * only awaits what is at hand already never lets go of the thread by itself.
 */
export function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
