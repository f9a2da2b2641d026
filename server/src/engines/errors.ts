/** A database that cannot answer, and what the owner does about it. Nothing is lost: the records are the truth. */
export class EngineError extends Error {
  override readonly name: string = "EngineError";
}

export class IndexTooNew extends EngineError {
  override readonly name = "IndexTooNew";

  constructor(found: number, known: number) {
    super(
      `The search tables are of format ${found}, made by a newer Steward; this one knows ${known}. Update Steward, or name another schema in STEWARD_POSTGRES_SCHEMA and rebuild the index there.`,
    );
  }
}

/** PostgreSQL's and Node's codes (Appendix A of the PostgreSQL manual; `errno`) → a sentence that says what to do. */
export function readable(error: unknown): unknown {
  if (error instanceof EngineError || !(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  const advice = adviceFor(code, error.message);
  return advice === undefined ? error : new EngineError(advice, { cause: error });
}

function adviceFor(code: string, message: string): string | undefined {
  if (/extension "vector"/.test(message) && /not available|control file/.test(message)) {
    return "This PostgreSQL has no pgvector. Install it on the database server (version 0.8 or later), or ask for it where the database is hosted.";
  }
  if (code === "28P01" || code === "28000") {
    return "PostgreSQL refused the user or the password. Check both in the connection string (STEWARD_POSTGRES_URL).";
  }
  if (code === "3D000") return "The database named in STEWARD_POSTGRES_URL does not exist. Create it, or name another.";
  if (code === "42501") {
    return "The database user may not do this. As an administrator run “create extension vector” in the database once, and let the user own its schema.";
  }
  if (code === "57014") {
    return "PostgreSQL stopped the statement after its time limit. Ask for fewer words or a narrower filter, or raise statement_timeout for this user.";
  }
  if (code === "53100") return "The database's disk is full. Nothing was changed; make room there and try again.";
  if (code === "53300") return "PostgreSQL has no connection left. Raise max_connections, or close other programs.";
  if (code.startsWith("08") || /^57P0[123]$/.test(code) || LOST.test(`${code} ${message}`)) {
    return "The connection to PostgreSQL is lost or could not be made. Check that the server runs and can be reached; Steward connects again with the next search, and nothing of the archive is lost.";
  }
  return undefined;
}

const LOST = /ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|EHOSTUNREACH|Connection terminated|timeout expired/i;
