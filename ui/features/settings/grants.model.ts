/** Grants as a form: rows of a role and a place, to and from the text of a scope. */
import type { Grant } from "../../data/types.ts";

export const PLACES = ["tree", "group", "label", "subtree"] as const;
export type Place = (typeof PLACES)[number];

export interface GrantRow {
  role: Grant["role"];
  place: Place;
  /** Name of a group, KEY=VALUE, or the id of a node; nothing for the whole tree. */
  value: string;
}

export function rowOf({ role, scope }: Grant): GrantRow {
  const [, kind, value] = /^(group|label|subtree):(.*)$/su.exec(scope) ?? [];
  return kind === undefined
    ? { role, place: "tree", value: "" }
    : { role, place: kind as Place, value: value ?? "" };
}

export const grantOf = ({ role, place, value }: GrantRow): Grant => ({
  role,
  scope: place === "tree" ? "*" : `${place}:${value.trim()}`,
});

/** A place that names nothing; labels need both sides of `=`. */
export function isIncomplete({ place, value }: GrantRow): boolean {
  const trimmed = value.trim();
  if (place === "tree") return false;
  return place === "label" ? !/^[^=]+=.+$/u.test(trimmed) : trimmed === "";
}

export const sameGrants = (a: readonly Grant[], b: readonly Grant[]): boolean =>
  JSON.stringify(a.map(({ role, scope }) => `${role} ${scope}`).sort()) ===
  JSON.stringify(b.map(({ role, scope }) => `${role} ${scope}`).sort());
