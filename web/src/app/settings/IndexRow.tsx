import type { Status } from "@steward/core/wire.ts";
import { useMutation } from "@tanstack/react-query";
import { api } from "../../client.ts";
import { bytes, count, plural } from "../format.ts";
import { Bar } from "../parts/Bar.tsx";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { useLive } from "../shell/progress.ts";

/** The search index: what there is of it, and the way to make it anew. */
export function IndexRow({ index }: { index: Status["index"] }) {
  const { progress } = useLive();
  const rebuild = useMutation({
    mutationFn: api.rebuildIndex,
    onSuccess: () => toast({ text: "The index is made anew. Search goes on meanwhile." }),
    onError: (error) => toast({ text: wordsOf(error) }),
  });
  const indexing = progress?.indexing;
  if (indexing) {
    return (
      <div>
        making it anew · {count(indexing.done)} of {count(indexing.total)} items
        <Bar
          part={indexing.done / Math.max(1, indexing.total)}
          label="Making the index anew"
          className="mt-1 max-w-80"
        />
      </div>
    );
  }
  return (
    <>
      {index.engine === "postgres"
        ? "in PostgreSQL, which can read it"
        : `${bytes(index.bytes)} in ${plural(index.segments, "sealed segment")}`}
      {" · "}
      <button
        type="button"
        className="text-accent hover:underline"
        disabled={rebuild.isPending}
        onClick={() => rebuild.mutate()}
      >
        Make anew
      </button>
    </>
  );
}
