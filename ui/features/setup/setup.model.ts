/** Creating the first admin: what the form holds, what is wrong with it. The server has the last word. */
export const PASSWORD_MIN = 15;
/** Names that people log in with. */
export const PERSON_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,62}$/u;

export interface SetupValues {
  token: string;
  name: string;
  password: string;
  again: string;
}
export type SetupIssue = "tokenMissing" | "nameMissing" | "nameBad" | "passwordShort" | "againDifferent";

export function checkSetup(values: SetupValues): Partial<Record<keyof SetupValues, SetupIssue>> {
  const issues: Partial<Record<keyof SetupValues, SetupIssue>> = {};
  const name = values.name.trim();
  if (values.token.trim() === "") issues.token = "tokenMissing";
  if (name === "") issues.name = "nameMissing";
  else if (!PERSON_NAME.test(name)) issues.name = "nameBad";
  if ([...values.password].length < PASSWORD_MIN) issues.password = "passwordShort";
  else if (values.password !== values.again) issues.again = "againDifferent";
  return issues;
}

/** The token behind # of the link, or of a whole link that was pasted. */
export function tokenFrom(text: string): string {
  const hash = text.lastIndexOf("#");
  const token = hash === -1 ? text : text.slice(hash + 1);
  try {
    return decodeURIComponent(token).trim();
  } catch {
    return token.trim();
  }
}

/** `used`: there is an admin. `old`: a newer link was printed. */
export type LinkState = "good" | "used" | "old";

/** What a refusal says about the link; anything else, and no answer, says nothing against it. */
export const linkState = (code: string): LinkState =>
  code === "auth.setup_done" ? "used" : code === "auth.setup_token" ? "old" : "good";
