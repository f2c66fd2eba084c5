/** Errors as answers: `{ error: { code, message, id } }`. Nothing the client sent comes back, nothing internal leaves. */
import { type CortexError, defineErrors, type ErrorKind, isCortexError, type Log, messageOf } from "cortex";
import { JSON_HEADERS } from "./door/headers.ts";

export const httpErrors = defineErrors("http", {
  bad_request: "invalid",
  body_invalid: "invalid",
  two_credentials: "invalid",
  host_refused: "forbidden",
  method_refused: "invalid",
  too_large: "invalid",
  too_slow: "timeout",
  media_type: "invalid",
  too_many: "unavailable",
  not_found: "not_found",
  unauthenticated: "unauthenticated",
  permission: "forbidden",
  second_factor: "forbidden",
  cross_site: "forbidden",
  not_ready: "unavailable",
  upgrade: "invalid",
});

const STATUS_OF_KIND: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  internal: 500,
  unavailable: 503,
  timeout: 504,
};

/** Where HTTP has a status of its own for the case. */
const STATUS_OF_CODE: Record<string, number> = {
  "http.host_refused": 421,
  "http.method_refused": 405,
  "http.too_large": 413,
  "http.too_slow": 408,
  "http.media_type": 415,
  "http.too_many": 429,
  "http.upgrade": 426,
  "auth.too_many_tries": 429,
  "auth.too_many_begun": 429,
  "auth.token_rate": 429,
  "enrol.too_many": 429,
};

/** The kind that a status of ours stands for. */
export const kindOfStatus = (status: number): ErrorKind =>
  (Object.keys(STATUS_OF_KIND) as ErrorKind[]).find((kind) => STATUS_OF_KIND[kind] === status) ??
  (status < 500 ? "invalid" : "unavailable");

export const statusOf = ({ code, kind }: Pick<CortexError, "code" | "kind">): number =>
  STATUS_OF_CODE[code] ?? STATUS_OF_KIND[kind];

interface Shown {
  code: string;
  message: string;
  status: number;
  retryAfterMs: number | null;
}

function shownOf(error: unknown): Shown {
  if (!isCortexError(error) || error.kind === "internal")
    return {
      code: "http.internal",
      message: "something went wrong here; the log has the details under this id",
      status: 500,
      retryAfterMs: null,
    };
  const status = statusOf(error);
  const { retryAfterMs } = error.details ?? {};
  // Messages about storage name files; they are for the log of the machine.
  const message = error.code.startsWith("store.")
    ? "the Monitor can't read or write its data now; its log has the details under this id"
    : error.message;
  return {
    code: error.code,
    message,
    status,
    retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : null,
  };
}

export function errorResponse(
  error: unknown,
  id: string,
  log: Log,
  redact: (text: string) => string = (text) => text,
): Response {
  const { code, message: said, status, retryAfterMs } = shownOf(error);
  const message = redact(said);
  if (status >= 500 && status !== 503)
    log.error("a request failed", {
      id,
      code: isCortexError(error) ? error.code : null,
      error: messageOf(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  // Whoever asks whether it is ready is answered, with "not yet".
  else if (status === 503 && code !== "http.not_ready")
    log.warn("a request could not be served", { id, code, error: messageOf(error) });
  const response = new Response(JSON.stringify({ error: { code, message, id } }), {
    status,
    headers: JSON_HEADERS,
  });
  if (retryAfterMs !== null)
    response.headers.set("retry-after", String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  if (status === 401) response.headers.set("www-authenticate", "Bearer");
  return response;
}
