/** Single keys from the environment: `CORTEX_SERVER__LISTEN=…` is `server.listen`; two underscores mean one level. */
import { parse } from "yaml";
import type { ConfigProblem, KeyPath } from "./problems.ts";
import { formatPath } from "./problems.ts";
import { isRecord, keysAt, typesAt } from "./schema-tree.ts";
import type { SchemaNode } from "./schema-tree.ts";
import { unknownName } from "./suggest.ts";

const PREFIX = "CORTEX_";

export interface Override {
  variable: string;
  path: KeyPath;
  value: unknown;
}

/** Plugin names are kebab-case, and a variable's name can't hold a hyphen. */
function pathOf(variable: string): KeyPath {
  const parts = variable.slice(PREFIX.length).toLowerCase().split("__");
  return parts.map((part, index) => {
    if (index === 1 && parts[0] === "plugins") return part.replaceAll("_", "-");
    return index > 1 && /^\d+$/.test(part) ? Number(part) : part;
  });
}

/** A text as its key wants it: strings are taken literally, everything else is read as YAML (`true`, `3`, `[a, b]`). */
function valueFor(text: string, types: Set<string>): unknown {
  if (types.size === 1 && types.has("string")) return text;
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch {
    return text;
  }
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const fits = types.size === 0 || types.has(type) || (type === "number" && types.has("integer"));
  return !fits && types.has("string") ? text : value;
}

/**
 * The overrides among the environment's variables. Names without `__` that are no key of the top level belong to
 * others (`CORTEX_INTENT` of a repair's child) and are left alone.
 */
export function readOverrides(
  env: Readonly<Record<string, string | undefined>>,
  schemaOf: () => SchemaNode,
): { overrides: Override[]; problems: ConfigProblem[] } {
  const overrides: Override[] = [];
  const problems: ConfigProblem[] = [];
  const variables = Object.keys(env).filter((name) => name.startsWith(PREFIX));
  // Most have none, and the schema as a tree takes longer than reading the file.
  if (variables.length === 0) return { overrides, problems };
  const schema = schemaOf();
  const topKeys = keysAt(schema, []);
  for (const variable of variables.sort()) {
    const text = env[variable];
    if (text === undefined) continue;
    const path = pathOf(variable);
    const top = String(path[0]);
    if (!topKeys.includes(top)) {
      if (path.length < 2) continue;
      problems.push({
        ...fromVariable(variable),
        path: formatPath(path),
        message: unknownName("key", top, topKeys),
      });
      continue;
    }
    overrides.push({ variable, path, value: valueFor(text, typesAt(schema, path)) });
  }
  return { overrides, problems };
}

export const fromVariable = (variable: string) => ({
  source: `environment variable ${variable}`,
  line: null,
  column: null,
});

/** Put an override into the tree. False when a value on the way is neither a mapping nor a list. */
export function applyOverride(root: Record<string, unknown>, { path, value }: Override): boolean {
  let container: unknown = root;
  for (const [index, part] of path.entries()) {
    const list = Array.isArray(container);
    if (list ? typeof part !== "number" || part > (container as unknown[]).length : !isRecord(container))
      return false;
    const holder = container as Record<string | number, unknown>;
    const key = list ? part : String(part);
    if (index === path.length - 1) setOwn(holder, key, value);
    else if (!Object.hasOwn(holder, key) || holder[key] === null) setOwn(holder, key, {});
    container = holder[key];
  }
  return true;
}

/** Assigning `__proto__` would change the prototype instead of setting a key. */
function setOwn(holder: Record<string | number, unknown>, key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}
