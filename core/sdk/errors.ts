/**
 * The one error class of Cortex. `code` is API (never renamed), `kind` decides HTTP status and exit code.
 * Never branch on a class name or a message: minifying renames classes and messages are for people.
 */
export type ErrorKind =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "unavailable"
  | "timeout"
  | "internal";

export interface ErrorOptions {
  /** Data for programs; it may be shown to the caller, so it never carries a secret. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

export class CortexError extends Error {
  /** `owner.reason`, for example `disk.mount_missing`. */
  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: string, kind: ErrorKind, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "CortexError";
    this.code = code;
    this.kind = kind;
    this.details = options.details;
  }
}

type ErrorTable = Record<string, ErrorKind>;
export type ErrorFactories<T extends ErrorTable> = {
  [K in keyof T]: (message: string, options?: ErrorOptions) => CortexError;
};

/**
 * Declare the errors that a module may throw.
 * Example: `const errors = defineErrors("store", { locked: "conflict" }); throw errors.locked("…")`
 * throws a CortexError with code `store.locked`.
 */
export function defineErrors<const T extends ErrorTable>(owner: string, table: T): ErrorFactories<T> {
  const factories = {} as ErrorFactories<T>;
  for (const reason of Object.keys(table) as (keyof T & string)[]) {
    const kind = table[reason] as ErrorKind;
    factories[reason] = (message, options) => new CortexError(`${owner}.${reason}`, kind, message, options);
  }
  return factories;
}

/** True for errors made by this module, also across realms; `instanceof` fails for plugins loaded from disk. */
export function isCortexError(error: unknown): error is CortexError {
  return (
    error instanceof Error &&
    typeof (error as Partial<CortexError>).code === "string" &&
    typeof (error as Partial<CortexError>).kind === "string"
  );
}

/** The message of anything thrown, for one-line summaries. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
