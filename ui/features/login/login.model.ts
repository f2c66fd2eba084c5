/** What must be filled in before the server is asked. */
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
