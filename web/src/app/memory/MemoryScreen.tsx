import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../client.ts";
import { plural } from "../format.ts";
import { Form } from "../parts/Form.tsx";
import { Page } from "../parts/Page.tsx";
import { Empty, Failure, Skeleton, wordsOf } from "../parts/states.tsx";
import { Fact } from "./Fact.tsx";

/** From this many on, a search box stands above them. */
const MANY = 8;

export function MemoryScreen() {
  const list = useQuery({ queryKey: ["memories"], queryFn: api.memories });
  const [text, setText] = useState("");
  const all = list.data?.filter((memory) => !memory.supersededBy) ?? [];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = all.filter((memory) => words.every((word) => memory.text.toLowerCase().includes(word)));
  return (
    <Page title="Memory" about="What Steward keeps in mind. Each fact says where it comes from.">
      <section aria-label="Facts" className="flex flex-col gap-5">
        <AddMemory />
        {all.length >= MANY && (
          <div className="flex items-center gap-3">
            <input
              type="search"
              aria-label="Search the memory"
              placeholder="Search these facts"
              className="field"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <span className="shrink-0 text-sm text-ink-3 tabular-nums" role="status">
              {words.length > 0 ? `${shown.length} of ${all.length}` : plural(all.length, "fact")}
            </span>
          </div>
        )}
        {list.isError && <Failure error={list.error} onRetry={() => list.refetch()} />}
        {list.isPending && <Skeleton rows={4} />}
        {list.data && all.length === 0 && (
          <Empty title="Nothing remembered yet">
            Write a fact above, or tell Steward in Chat: “remember that Ana is allergic to walnuts”.
          </Empty>
        )}
        {all.length > 0 && shown.length === 0 && <p className="text-ink-2">No fact holds these words.</p>}
        <ul className="flex flex-col">
          {shown.map((memory) => (
            <Fact key={memory.id} memory={memory} />
          ))}
        </ul>
      </section>
    </Page>
  );
}

function AddMemory() {
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const add = useMutation({
    mutationFn: () => api.remember(text.trim()),
    onSuccess: () => {
      setText("");
      return queries.invalidateQueries({ queryKey: ["memories"] });
    },
  });
  return (
    <Form className="flex flex-col gap-2" onSubmit={() => text.trim() && add.mutate()}>
      <div className="flex gap-2">
        <input
          data-main-input
          aria-label="A fact to remember"
          placeholder="A fact to remember"
          className="field"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button" disabled={add.isPending || text.trim() === ""}>
          Remember
        </button>
      </div>
      {add.error && (
        <p role="alert" className="text-sm text-doubt">
          {wordsOf(add.error)}
        </p>
      )}
    </Form>
  );
}
