/** Secret references in a configuration: which values they stand for, and where they were written. */
import { messageOf } from "cortex";
import { hasReference } from "../ports/secrets/secrets.ts";
import type { Secrets } from "../ports/secrets/secrets.ts";
import type { KeyPath } from "./problems.ts";

export interface ResolvedTree {
  data: unknown;
  failures: { path: KeyPath; message: string }[];
}

/** A copy of the tree in which every `${env:…}` and `${file:…}` is replaced. Keys are never references. */
export function resolveReferences(tree: unknown, secrets: Secrets): ResolvedTree {
  const failures: ResolvedTree["failures"] = [];
  const walk = (value: unknown, path: KeyPath): unknown => {
    if (typeof value === "string") {
      if (!hasReference(value)) return value;
      try {
        return secrets.resolve(value);
      } catch (error) {
        failures.push({ path, message: messageOf(error) });
        return value;
      }
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  return { data: walk(tree, []), failures };
}
