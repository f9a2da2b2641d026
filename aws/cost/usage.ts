import { TICK_MINUTES } from "../infra/functions.ts";

/**
 * How much a home is used in a month. The base is the seed's (100,000 requests, 50,000 writes, 200,000 reads, 1 GB of data,
 * 1 GB of logs) with what the seed left out: a fifth of the requests are chats that wait eight seconds for a model, and what
 * is not counted in requests at all.
 */
export interface Usage {
  readonly requests: number;
  /** Share of the requests by path; the rest are the app's own. */
  readonly share: { readonly "/chat": number; readonly "/memory": number; readonly "/search": number };
  readonly chatSeconds: number;
  readonly otherSeconds: number;
  readonly writes: number;
  readonly reads: number;
  readonly rowGb: number;
  readonly objectGb: number;
  readonly objects: number;
  readonly objectPuts: number;
  readonly objectGets: number;
  readonly jobs: number;
  readonly jobSeconds: number;
  /** Looks of the clock at what is due. */
  readonly ticks: number;
  readonly tickSeconds: number;
  readonly logGb: number;
  /** Of the logs, what the access log is. */
  readonly accessLogShare: number;
  readonly sentGb: number;
  readonly mails: number;
  readonly keyRequests: number;
  readonly schedules: number;
}

/** Calls of the key: a service under it asks again after five minutes, so they follow the hours of use, not the requests. */
const KEY_REQUESTS = 10_000;

/** What a home of `requests` a month uses. What is kept does not grow with how often one asks; the rest does. */
export function usageOf(requests: number): Usage {
  const times = requests / 100_000;
  return {
    requests,
    share: { "/chat": 0.2, "/memory": 0.2, "/search": 0.2 },
    chatSeconds: 8,
    otherSeconds: 0.1,
    writes: 50_000 * times,
    reads: 200_000 * times,
    rowGb: 0.25,
    objectGb: 0.75,
    objects: 5_000,
    objectPuts: 10_000 * times,
    objectGets: 50_000 * times,
    jobs: 3_000 * times,
    jobSeconds: 1.5,
    ticks: (30 * 24 * 60) / TICK_MINUTES,
    tickSeconds: 2,
    logGb: 1 * times,
    accessLogShare: 0.4,
    sentGb: 0.5 * times,
    mails: 300,
    keyRequests: KEY_REQUESTS,
    schedules: 300,
  };
}

/** Requests a month at which the bill is looked at: the seed's "light", "moderate" and "heavy". */
export const LEVELS = [100_000, 500_000, 2_000_000] as const;
