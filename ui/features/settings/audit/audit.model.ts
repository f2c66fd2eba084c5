/** What the audit list is searched by, and how an entry reads in one line. */

/** First words of the kinds: a filter holds all kinds that begin with it. */
export const AUDIT_KINDS = ["auth", "access", "user", "key", "node", "session", "decision", "act"] as const;
export type AuditGroup = (typeof AUDIT_KINDS)[number];

export const AUDIT_SPANS = ["1h", "24h", "7d", "30d"] as const;
type Span = (typeof AUDIT_SPANS)[number];
const HOUR_MS = 3_600_000;
const SPAN_MS: Record<Span, number> = {
  "1h": HOUR_MS,
  "24h": 24 * HOUR_MS,
  "7d": 168 * HOUR_MS,
  "30d": 720 * HOUR_MS,
};

/** As in the address. */
export interface AuditSearch {
  q?: string | undefined;
  kind?: string | undefined;
  span?: string | undefined;
}

/** As the API takes it; what can't be understood is left out. `now` in epoch ms. */
export function auditQuery(search: AuditSearch, now: number): Record<string, string | undefined> {
  const span = AUDIT_SPANS.find((one) => one === search.span);
  return {
    text: search.q?.trim() === "" ? undefined : search.q?.trim(),
    kind: AUDIT_KINDS.find((one) => one === search.kind),
    from: span === undefined ? undefined : new Date(now - SPAN_MS[span]).toISOString(),
  };
}

/** "name: bo, role: viewer": the plain parts of an entry's content. */
export function contentOf(payload: unknown): string {
  if (typeof payload !== "object" || payload === null) return String(payload ?? "");
  return Object.entries(payload)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(", ");
}

/** Refused, failed or locked: what somebody who looks for trouble looks for. */
export const isBad = (kind: string): boolean => /failed|refused|locked|revoked|quarantined/.test(kind);
