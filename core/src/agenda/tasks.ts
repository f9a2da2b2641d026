import type { Task } from "../agenda.ts";
import type { Clock } from "../clock.ts";
import { newId } from "../ids.ts";
import type { SealedRecords } from "../vault/sealed-records.ts";

/** Tasks, each sealed under a data key of its own. */
export type NewTask = Pick<Task, "title"> & Partial<Pick<Task, "note" | "due" | "zone" | "conversation">>;
/** An empty `due` takes the due time off. */
export type TaskPatch = Partial<Pick<Task, "title" | "note" | "due" | "done">>;

const PARTITION = "task";
const DUE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T(?:[01]\d|2[0-3]):[0-5]\d)?$/;

export class Tasks {
  readonly #clock: Clock;
  readonly #sealed: SealedRecords;

  constructor(deps: { readonly clock: Clock; readonly sealed: SealedRecords }) {
    this.#clock = deps.clock;
    this.#sealed = deps.sealed;
  }

  /** Open ones first: those with a due time by it, then the others newest first; done ones at the end. */
  async list(): Promise<Task[]> {
    const tasks: Task[] = [];
    for await (const { value } of this.#sealed.query<Task>(PARTITION, { reverse: true }, (sort) => sort)) {
      tasks.push(value);
    }
    return tasks.sort((a, b) => Number(a.done) - Number(b.done) || (a.due ?? "9").localeCompare(b.due ?? "9"));
  }

  /** Throws when the title is empty or the due time is no wall time. */
  async create(task: NewTask): Promise<Task> {
    const now = this.#clock.now();
    const made: Task = {
      id: newId(now),
      title: titleOf(task.title),
      ...(task.note === undefined ? {} : { note: task.note }),
      ...(task.due === undefined ? {} : { due: dueOf(task.due) }),
      ...(task.zone === undefined ? {} : { zone: task.zone }),
      done: false,
      createdAt: now,
      ...(task.conversation === undefined ? {} : { conversation: task.conversation }),
    };
    const { key, change } = this.#sealed.vault.create("private", made.id);
    await this.#sealed.write([change, this.#sealed.put(key, placeOf(made.id), made, { if: "absent" })]);
    return made;
  }

  async update(id: string, patch: TaskPatch): Promise<Task | undefined> {
    const stored = await this.#sealed.get<Task>(placeOf(id));
    if (!stored) return undefined;
    const { doneAt, due: dueBefore, ...before } = stored.value;
    const done = patch.done ?? before.done;
    const due = patch.due === undefined ? dueBefore : patch.due === "" ? undefined : dueOf(patch.due);
    const updated: Task = {
      ...before,
      ...(patch.title === undefined ? {} : { title: titleOf(patch.title) }),
      ...(patch.note === undefined ? {} : { note: patch.note }),
      ...(due === undefined ? {} : { due }),
      done,
      ...(done ? { doneAt: doneAt ?? this.#clock.now() } : {}),
    };
    const key = await this.#sealed.vault.key("private", id);
    await this.#sealed.write([this.#sealed.put(key, placeOf(id), updated, { if: { version: stored.version } })]);
    return updated;
  }

  /** Destroys the task's key and its row. False when there is none. */
  async remove(id: string): Promise<boolean> {
    if (!(await this.#sealed.get<Task>(placeOf(id)))) return false;
    await this.#sealed.write([{ delete: placeOf(id) }, this.#sealed.vault.destroy("private", id)]);
    this.#sealed.vault.forgotten("private", id);
    return true;
  }
}

function placeOf(id: string) {
  return { partition: PARTITION, sort: id, scope: id };
}

function titleOf(title: string): string {
  const plain = title.replace(/\s+/g, " ").trim().slice(0, 300);
  if (plain === "") throw new Error("A task needs a title. Say what is to be done.");
  return plain;
}

function dueOf(due: string): string {
  if (!DUE.test(due)) throw new Error(`"${due}" is no date. Write YYYY-MM-DD or YYYY-MM-DDTHH:mm.`);
  return due;
}
