/** What a new or changed person must have; the server checks again. */
import { PASSWORD_MIN, PERSON_NAME } from "../../setup/setup.model.ts";

export type PersonIssue = "nameMissing" | "nameBad" | "passwordShort";

/** Somebody who is there keeps the password unless a new one is typed. */
export function wrongWithPerson(
  form: { name: string; password: string },
  isNew: boolean,
): Partial<Record<"name" | "password", PersonIssue>> {
  const wrong: Partial<Record<"name" | "password", PersonIssue>> = {};
  const name = form.name.trim();
  if (isNew && name === "") wrong.name = "nameMissing";
  else if (isNew && !PERSON_NAME.test(name)) wrong.name = "nameBad";
  if ((isNew || form.password !== "") && [...form.password].length < PASSWORD_MIN)
    wrong.password = "passwordShort";
  return wrong;
}
