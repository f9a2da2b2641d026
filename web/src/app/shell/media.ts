import { useSyncExternalStore } from "react";

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}

/** Room for the evidence beside the conversation; below it the evidence is a sheet. */
export const useDesk = (): boolean => useMedia("(min-width: 1180px)");
