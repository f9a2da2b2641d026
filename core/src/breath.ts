/**
 * A pause in long work, after which it goes on: whatever came meanwhile (a search, a request) is served first. Work that
 * only awaits what is at hand already never lets go of the thread by itself.
 */
export function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Mails, or other things taken in, between two pauses: some milliseconds of work. */
export const AT_ONCE = 8;
