/** A scenario's own judgement, apart from everything else that can go wrong on the way to it. */
export class Failed extends Error {
  readonly code = "accept.failed";
}

export const isFailed = (error: unknown): error is Failed =>
  (error as { code?: unknown })?.code === "accept.failed";

/** `ensure(up, "the service is not up after the restart")`. */
export function ensure(condition: unknown, reason: string): asserts condition {
  if (!condition) throw new Failed(reason);
}

/** Deep equality by JSON; the reason shows both. */
export function ensureEqual(actual: unknown, wanted: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(wanted)];
  if (a !== b) throw new Failed(`${what}: ${a}, expected ${b}`);
}
