/** Where the server's refusal of a password belongs: beside the field with it, not under the form. */

const RULES = ["short", "long", "leaked", "name", "word", "repeated", "row"];

export type PasswordField = "current" | "new";

/** null for what has nothing to do with a password's field. */
export function passwordFieldOf(code: string): PasswordField | null {
  if (code === "auth.password_wrong") return "current";
  return RULES.some((rule) => code === `auth.password_${rule}`) ? "new" : null;
}
