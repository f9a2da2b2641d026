/**
 * One request as Lambda is given it, as a web `Request`: the proxy event of an API Gateway REST API (version 1), or that of
 * an HTTP API or a function URL (version 2).
 *
 * CloudFront stands before it and asks under API Gateway's own name; the name that the person typed comes in
 * `x-forwarded-host`. A page of another site cannot send that header (it would have to ask first, and is refused), so it
 * may stand for the Host. Who knows API Gateway's own address may put anything there, and gains nothing: names only keep
 * browsers from being led astray.
 */
export type HttpEvent = RestEvent | UrlEvent;

export interface RestEvent {
  readonly httpMethod: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: { readonly identity?: { readonly sourceIp?: string } };
}

export interface UrlEvent {
  readonly rawPath: string;
  readonly rawQueryString?: string;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: { readonly http: { readonly method: string; readonly sourceIp?: string } };
}

export interface Asked {
  readonly request: Request;
  /** The person's address as far as it can be told; for counting guesses. */
  readonly address: string;
}

export function requestOf(event: HttpEvent, signal: AbortSignal): Asked {
  const headers = headersOf(event);
  const host = headers.get("x-forwarded-host") ?? headers.get("host") ?? "localhost";
  headers.set("host", host);
  const isRest = "httpMethod" in event;
  const method = isRest ? event.httpMethod : event.requestContext.http.method;
  const path = isRest ? event.path : event.rawPath;
  const query = isRest ? queryOf(event) : (event.rawQueryString ?? "");
  const body = event.body ? Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8") : undefined;
  const url = `https://steward.invalid${path.startsWith("/") ? path : `/${path}`}${query === "" ? "" : `?${query}`}`;
  const request = new Request(url, {
    ...{ method, headers, signal },
    ...(body && !["GET", "HEAD"].includes(method) ? { body } : {}),
  });
  return { request, address: addressOf(event, headers) };
}

function headersOf(event: HttpEvent): Headers {
  const headers = new Headers();
  const many = "multiValueHeaders" in event ? (event.multiValueHeaders ?? {}) : {};
  for (const [name, values] of Object.entries(many)) for (const value of values ?? []) add(headers, name, value);
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined && !(name in many)) add(headers, name, value);
  }
  if ("cookies" in event && event.cookies) headers.set("cookie", event.cookies.join("; "));
  return headers;
}

/** A header that is none (a line break, a letter past Latin-1) is left out: what needs it then refuses the request. */
function add(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    // Nothing was added.
  }
}

function queryOf({ multiValueQueryStringParameters }: RestEvent): string {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(multiValueQueryStringParameters ?? {}))
    for (const value of values ?? []) query.append(name, value);
  return query.toString();
}

/** CloudFront appends the person's address to `x-forwarded-for` and API Gateway appends CloudFront's. */
function addressOf(event: HttpEvent, headers: Headers): string {
  const passed = (headers.get("x-forwarded-for") ?? "").split(",").map((address) => address.trim());
  const from = "httpMethod" in event ? event.requestContext?.identity?.sourceIp : event.requestContext.http.sourceIp;
  return passed.at(-2) || from || "unknown";
}
