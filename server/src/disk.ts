import { statfsSync } from "node:fs";

/** Room on the disk of the home. With less than this nothing is taken in. */
export const FULL_BYTES = 20e6;

/** Bytes free for this user on the disk that holds the path. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
