/** Tasks. Reminders and events get their own place when they can fire; until then a task's due time is just shown. */
export interface Task {
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  /** Wall time `YYYY-MM-DD` or `YYYY-MM-DDTHH:mm` in `zone`. */
  readonly due?: string;
  /** IANA zone the wall time is meant in. */
  readonly zone?: string;
  readonly done: boolean;
  readonly createdAt: number;
  readonly doneAt?: number;
  /** The conversation it was made in, if any. */
  readonly conversation?: string;
}
