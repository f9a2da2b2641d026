import { toast } from "./toast.tsx";

/** Puts a text on the clipboard and says so, or what to do `instead` where the browser does not allow that. */
export async function copyText(text: string, done: string, instead = "Select the text instead."): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ text: done });
  } catch {
    toast({ text: `The browser did not allow copying. ${instead}` });
  }
}
