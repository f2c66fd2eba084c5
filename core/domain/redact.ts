/** Secrets out of plain data. Only texts are looked at: a number that looks like a secret stays a number. */
export function redactDeep<T>(value: T, redact: (text: string) => string): T {
  const walk = (one: unknown): unknown => {
    if (typeof one === "string") return redact(one);
    if (Array.isArray(one)) return one.map(walk);
    if (one === null || typeof one !== "object") return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [redact(key), walk(inner)]));
  };
  return walk(value) as T;
}
