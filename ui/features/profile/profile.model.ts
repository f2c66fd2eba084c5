/** What the profile shows, without a page around it. */
import { PASSWORD_MIN } from "../setup/setup.model.ts";
import type { FactorItem, FactorOption } from "../../data/types.ts";

/** In order: a browser on Chromium names Chromium's makers, too. */
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Headless)?(Chrome|Chromium|CriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
  [/^curl\//, "curl"],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\bAndroid\b/, "Android"],
  [/\b(iPhone|iPad)\b/, "iOS"],
  [/\bMac OS X\b/, "macOS"],
  [/\bWindows\b/, "Windows"],
  [/\bLinux\b/, "Linux"],
];

/** Browser and system of a User-Agent, each null where it is none we know; good enough to recognise one's own. */
export function clientOf(userAgent: string): { browser: string | null; system: string | null } {
  const named = (list: typeof BROWSERS) => list.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
  return { browser: named(BROWSERS), system: named(SYSTEMS) };
}

/** What can still be added: codes that stand in for something need something to stand in for. */
export function addable(
  items: readonly FactorItem[],
  methods: readonly FactorOption[],
  passkeys: boolean,
): FactorOption[] {
  const hasSecond = items.some(({ kind }) => kind === "second");
  return methods.filter(
    ({ kind, prompt }) => (kind === "second" || hasSecond) && (prompt === "code" || passkeys),
  );
}

/** Whether removing this one leaves the password alone. */
export const isLastSecond = (items: readonly FactorItem[], item: FactorItem): boolean =>
  item.kind !== "backup" && !items.some(({ id, kind }) => id !== item.id && kind !== "backup");

/** Somebody who has a second factor and nothing for the day it is lost. */
export const lacksBackup = (items: readonly FactorItem[], methods: readonly FactorOption[]): boolean =>
  items.some(({ kind }) => kind === "second") &&
  methods.some(({ kind }) => kind === "backup") &&
  !items.some(({ kind }) => kind === "backup");

export interface PasswordValues {
  current: string;
  next: string;
  again: string;
}
export type PasswordIssue = "passwordMissing" | "passwordShort" | "againDifferent";

export function checkPassword(values: PasswordValues): Partial<Record<keyof PasswordValues, PasswordIssue>> {
  const issues: Partial<Record<keyof PasswordValues, PasswordIssue>> = {};
  if (values.current === "") issues.current = "passwordMissing";
  if ([...values.next].length < PASSWORD_MIN) issues.next = "passwordShort";
  else if (values.again !== values.next) issues.again = "againDifferent";
  return issues;
}
