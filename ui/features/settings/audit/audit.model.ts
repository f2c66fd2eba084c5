/** What the audit list is searched by, and how an entry reads in words. */
import { formatBytes, formatDuration, formatMoment } from "../../../lib/format.model.ts";
import type { Decision, Grant } from "../../../data/types.ts";
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

/** What an entry holds, in words and in the order of the texts; what is empty is left out. */
export function fieldsOf(payload: unknown, names: Names, t: AuditTexts, locale: string): Field[] {
  if (typeof payload !== "object" || payload === null) return [];
  const order = Object.keys(t.auditEntry.fields);
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.entries(payload)
    .filter(([, value]) => !isEmpty(value))
    .sort(([one], [other]) => place(one) - place(other))
    .map(([name, value]) => ({
      name: t.auditEntry.fields[name] ?? name,
      value: measured(name, value, locale) ?? valueOf(value, names, t, locale),
    }));
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** Numbers whose unit is in their name, and times. */
function measured(name: string, value: unknown, locale: string): string | null {
  if (typeof value === "number") {
    if (/bytes$/i.test(name)) return formatBytes(value);
    if (/seconds$/i.test(name)) return formatDuration(value * 1000, locale);
  }
  const isTime = typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
  return isTime ? formatMoment(Date.parse(value), locale) : null;
}

function valueOf(value: unknown, names: Names, t: AuditTexts, locale: string): string {
  if (typeof value === "boolean") return value ? t.auditEntry.yes : t.auditEntry.no;
  if (Array.isArray(value)) return value.map((one) => valueOf(one, names, t, locale)).join(", ");
  if (typeof value !== "object" || value === null) return names.get(String(value)) ?? String(value);
  if (isGrant(value)) return grantText(value, names, t);
  if (isVoice(value)) return voiceText(value, names, t);
  if (isApprover(value)) return value.name ?? names.get(value.principal) ?? value.principal;
  return fieldsOf(value, names, t, locale)
    .map((field) => `${field.name} ${field.value}`)
    .join(", ");
}

const isGrant = (value: object): value is Grant => "role" in value && "scope" in value;

/** What a rule, a judge, the gate or a person said of a repair. */
type Voice = Pick<Decision["voices"][number], "by" | "verdict" | "reason" | "text">;
const isVoice = (value: object): value is Voice => "by" in value && "verdict" in value && "reason" in value;

const voiceText = ({ by, verdict, reason, text }: Voice, names: Names, t: AuditTexts): string =>
  `${actorOf(by, names, t)} · ${t.auditEntry.verdicts[verdict]}: ${t.reasons[reason] ?? text}`;

const isApprover = (value: object): value is { principal: string; name: string | null } =>
  "principal" in value && "method" in value;

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
  if (actor.startsWith("key:")) return t.auditEntry.key(name);
  const kind = actor.slice(0, at);
  return names.get(name) ?? `${t.auditEntry.actors[kind] ?? kind} ${name}`;
}

/** Ids that have no name here say nothing in one line. */
const isId = (value: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f-]{27}$|^[0-9a-f]{32,}$|^[a-z]_[a-z2-7]{26}$/.test(value);

/** The fields in one line, behind the act; what two of them say is said once. */
export const lineOf = (fields: readonly Field[]): string =>
  fields
    .filter(({ value }, place) => !isId(value) && fields.findIndex((one) => one.value === value) === place)
    .map(({ name, value }) => `${name}: ${value}`)
    .join(" · ");

/** Refused, failed or locked: what somebody who looks for trouble looks for. */
export const isBad = (kind: string): boolean => /failed|refused|locked|revoked|quarantined/.test(kind);
