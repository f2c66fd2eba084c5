/** Plain data as YAML to read and to copy. Texts stay in quotes, so that it means the same wherever it is pasted. */

type Value = unknown;

export function toYaml(value: Value, indent = 0): string {
  const pad = "  ".repeat(indent);
  if (Array.isArray(value)) {
    if (value.every(isScalar)) return ` [${value.map(scalar).join(", ")}]\n`;
    return `\n${value.map((item) => `${pad}- ${inItem(item, indent)}`).join("")}`;
  }
  if (isObject(value)) {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    if (entries.length === 0) return " {}\n";
    return `\n${entries.map(([key, entry]) => `${pad}${keyOf(key)}:${toYaml(entry, indent + 1)}`).join("")}`;
  }
  return ` ${scalar(value)}\n`;
}

/** The first line of an item stands behind its dash. */
function inItem(item: Value, indent: number): string {
  return toYaml(item, indent + 1).trimStart();
}

const isObject = (value: Value): value is Record<string, Value> =>
  typeof value === "object" && value !== null;
const isScalar = (value: Value): boolean => !isObject(value);
const scalar = (value: Value): string => JSON.stringify(value ?? null);
const keyOf = (key: string): string => (/^[A-Za-z_][\w.-]*$/.test(key) ? key : JSON.stringify(key));
