/** Pure readings of what systemctl prints, from version 219 (2015) on. */

export interface ListedUnit {
  name: string;
  /** loaded, not-found, masked, error, … */
  load: string;
  /** active, inactive, failed, activating, deactivating, reloading, maintenance */
  active: string;
  sub: string;
  description: string;
}

/** Marks before failed or missing units: not all versions leave them out with --plain. */
const MARK = /^\s*(?:[●○×↻*]\s+)?/u;

/** `systemctl list-units --all --full --plain --no-legend`: five columns, the last one with blanks. */
export function parseUnits(text: string): ListedUnit[] {
  const units: ListedUnit[] = [];
  for (const line of text.split("\n")) {
    const [name, load, active, sub, ...description] = line.replace(MARK, "").split(/\s+/);
    // A name with an unknown type ends a table that is followed by a legend.
    if (!name || !sub || !/\.[a-z]+$/.test(name)) continue;
    units.push({ name, load: load!, active: active!, sub, description: description.join(" ").trim() });
  }
  return units;
}

/** `systemctl list-unit-files --no-legend`: name, state, and since version 246 the preset. */
export function parseUnitFiles(text: string): { name: string; state: string }[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 2 && /\.[a-z]+$/.test(fields[0]!))
    .map(([name, state]) => ({ name: name!, state: state! }));
}

/**
 * "Mon 2026-11-23 06:00:01 UTC" → epoch ms; showUnits asks with TZ=UTC. null for "n/a", "" and never.
 * Since version 247 a fraction can follow the seconds.
 */
export function parseTimestamp(text: string | undefined): number | null {
  const match = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)? UTC$/.exec(text ?? "");
  return match ? Date.parse(`${match[1]}T${match[2]}Z`) : null;
}

const SPAN_MS: Record<string, number> = {
  y: 31_557_600_000,
  month: 2_629_800_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  min: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
};

/** "1d 2h 3min 4.5s" → ms, as systemd.time(7) prints spans; null for "infinity", "0" and "". */
export function parseSpan(text: string | undefined): number | null {
  const parts = [...(text ?? "").matchAll(/(\d+(?:\.\d+)?)(month|min|ms|us|y|w|d|h|s)\b/g)];
  if (parts.length === 0) return null;
  return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * SPAN_MS[unit!]!, 0));
}

/** Microseconds of a `…Monotonic` property → ms; null when it never happened. */
export function parseMonotonic(text: string | undefined): number | null {
  const value = Number(text ?? "");
  return Number.isFinite(value) && value > 0 ? value / 1000 : null;
}
