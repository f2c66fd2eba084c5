/** Logging in: what must be filled in before the server is asked, and in which order ways are offered. */
import type { FactorOption } from "../../data/types.ts";

export interface LoginValues {
  name: string;
  password: string;
}
export type LoginIssue = "nameMissing" | "passwordMissing";

export function checkLogin(values: LoginValues): Partial<Record<keyof LoginValues, LoginIssue>> {
  const issues: Partial<Record<keyof LoginValues, LoginIssue>> = {};
  if (values.name.trim() === "") issues.name = "nameMissing";
  if (values.password === "") issues.password = "passwordMissing";
  return issues;
}

/** Authenticators before codes, and what is used up last; those that this page can't use are left out. */
export function inOrder(options: readonly FactorOption[], passkeys: boolean): FactorOption[] {
  const rank = ({ kind, prompt }: FactorOption) => (kind === "backup" ? 2 : prompt === "code" ? 1 : 0);
  return options
    .filter(({ prompt }) => passkeys || prompt !== "webauthn")
    .toSorted((a, b) => rank(a) - rank(b));
}
