/**
 * Exit codes of every command. 0 to 3 are the verdict of `cortex inspect` (as in Nagios' plug-in API) and plain success;
 * failures use sysexits(3), so that a script can tell a bad host from a bad call.
 */
import type { ErrorKind } from "cortex";

export const EXIT_BY_KIND: Record<ErrorKind, number> = {
  invalid: 64,
  not_found: 66,
  unavailable: 69,
  internal: 70,
  conflict: 73,
  timeout: 75,
  forbidden: 77,
  unauthenticated: 77,
};

/** Bad configuration has a code of its own: supervisors must not restart into it. */
export const EXIT_CONFIG = 78;

export const exitCodeFor = (error: { kind: ErrorKind; code: string }): number =>
  error.code.startsWith("config.") ? EXIT_CONFIG : EXIT_BY_KIND[error.kind];
