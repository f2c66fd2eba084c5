/** What the audit list is searched by, and how an entry reads in words. */
import type { Grant } from "../../../lib/types.ts";
import { rowOf } from "../grants.model.ts";
import type { AuditTexts } from "./texts.ts";

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

/** Names of nodes, people and keys by their ids; an entry holds ids, because names change. */
export type Names = ReadonlyMap<string, string>;

export interface Field {
  name: string;
  value: string;
}

/** What an entry holds, in words; what is empty is left out. */
export function fieldsOf(payload: unknown, names: Names, t: AuditTexts): Field[] {
  if (typeof payload !== "object" || payload === null) return [];
  return Object.entries(payload)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => ({ name: t.auditEntry.fields[name] ?? name, value: valueOf(value, names, t) }));
}

function valueOf(value: unknown, names: Names, t: AuditTexts): string {
  if (typeof value === "boolean") return value ? t.auditEntry.yes : t.auditEntry.no;
  if (Array.isArray(value)) return value.map((one) => valueOf(one, names, t)).join(", ");
  if (typeof value !== "object" || value === null) return names.get(String(value)) ?? String(value);
  if (isGrant(value)) return grantText(value, names, t);
  return fieldsOf(value, names, t)
    .map((field) => `${field.name} ${field.value}`)
    .join(", ");
}

const isGrant = (value: object): value is Grant => "role" in value && "scope" in value;

function grantText(grant: Grant, names: Names, t: AuditTexts): string {
  const { place, value } = rowOf(grant);
  return [`${t.account.roles[grant.role]} · ${t.grants.places[place]}`, names.get(value) ?? value]
    .join(" ")
    .trim();
}

/** Who did it: `user:anna` is anna, `node:ID` the node's name. */
export function actorOf(actor: string, names: Names, t: AuditTexts): string {
  const at = actor.indexOf(":");
  const name = actor.slice(at + 1);
  if (at === -1) return t.auditEntry.actors[actor] ?? actor;
  if (actor.startsWith("user:")) return name;
  return actor.startsWith("key:") ? t.auditEntry.key(name) : (names.get(name) ?? actor);
}

/** Ids that have no name here say nothing in one line. */
const isId = (value: string): boolean => /^[0-9a-f]{8}-[0-9a-f-]{27}$|^[0-9a-f]{32,}$/.test(value);

/** The fields in one line, behind the act. */
export const lineOf = (fields: readonly Field[]): string =>
  fields
    .filter(({ value }) => !isId(value))
    .map(({ name, value }) => `${name}: ${value}`)
    .join(" · ");

/** Refused, failed or locked: what somebody who looks for trouble looks for. */
export const isBad = (kind: string): boolean => /failed|refused|locked|revoked|quarantined/.test(kind);
