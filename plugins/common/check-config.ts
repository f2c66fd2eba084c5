/** Config fields that checks have in common, so that the same key means the same in every plugin. */
import { duration } from "cortex";
import type { Thresholds } from "cortex";
import * as z from "zod";

// Schemas never change, so checks share them: making each anew took a quarter of the time in which plugins are loaded.
const ENABLED = z.boolean().prefault(true).describe("false switches this check off.");
const interval = once((fallback) => duration(fallback).describe("How often it looks."));
const confirm = once((fallback) =>
  duration(fallback).describe("How long a bad state must last to become a problem."),
);

function once<T>(make: (fallback: string) => T): (fallback: string) => T {
  const made = new Map<string, T>();
  return (fallback) => {
    const known = made.get(fallback) ?? make(fallback);
    made.set(fallback, known);
    return known;
  };
}

/** Switch and times of one check; a plugin with several checks has them once per check. */
export function timing(defaults: { interval: string; confirm: string }) {
  return { enabled: ENABLED, interval: interval(defaults.interval), confirm: confirm(defaults.confirm) };
}

const LEVELS = ["warning", "critical", "clear_warning", "clear_critical"] as const;
type LimitKey<U extends string> = `${(typeof LEVELS)[number]}_${U}`;
const LIMIT = z.number().nonnegative().nullable();
const limit = (fallback: number | undefined) => LIMIT.prefault(fallback ?? null);
type LimitField = ReturnType<typeof limit>;

/**
 * Four fields, named after their unit: `limits("ratio", "Mean share of busy CPU time", { warning: 0.85, … })` gives
 * `warning_ratio`, `critical_ratio`, `clear_warning_ratio` and `clear_critical_ratio`. null: that limit does not exist;
 * a clear limit of null is the limit itself.
 */
export function limits<U extends string>(
  unit: U,
  what: string,
  defaults: Thresholds,
): Record<LimitKey<U>, LimitField> {
  const side = defaults.worse === "below" ? "at or below" : "at or above";
  const fields: Record<`${(typeof LEVELS)[number]}`, LimitField> = {
    warning: limit(defaults.warning).describe(`${what}: warning ${side} this; null: never.`),
    critical: limit(defaults.critical).describe(`${what}: critical ${side} this; null: never.`),
    clear_warning: limit(defaults.clearWarning).describe(
      `${what}: a warning ends past this; null: at the limit itself.`,
    ),
    clear_critical: limit(defaults.clearCritical).describe(
      `${what}: a critical state ends past this; null: at the limit itself.`,
    ),
  };
  return Object.fromEntries(LEVELS.map((level) => [`${level}_${unit}`, fields[level]])) as Record<
    LimitKey<U>,
    LimitField
  >;
}

/** The values of `limits` fields, as `judge` wants them. */
export function thresholds<U extends string>(
  config: Record<LimitKey<U>, number | null>,
  unit: U,
  worse: "above" | "below" = "above",
): Thresholds {
  const value = (level: (typeof LEVELS)[number]) => config[`${level}_${unit}`] ?? undefined;
  return {
    warning: value("warning"),
    critical: value("critical"),
    clearWarning: value("clear_warning"),
    clearCritical: value("clear_critical"),
    worse,
  };
}

/** One check's part of a plugin's config; `.prefault({})` makes it valid when left out. */
export function section<T extends z.ZodRawShape>(what: string, shape: T) {
  return z.strictObject(shape).describe(what);
}
