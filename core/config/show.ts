/** The effective configuration as a user would write it: defaults filled in, no secret in it. */
import type { PluginDefinition } from "cortex";
import { stringify } from "yaml";
import { hasReference, REDACTED } from "../ports/secrets/secrets.ts";
import type { Secrets } from "../ports/secrets/secrets.ts";
import type { LoadedConfig } from "./load.ts";
import { instanceConfig, configSchema } from "./schema.ts";
import { fillDefaults, inputSchema, isRecord } from "./schema-tree.ts";
import type { SchemaNode } from "./schema-tree.ts";

/** Keys whose value is a secret even when somebody wrote it down in plain text. */
const SECRET_KEY = /(^|_)(password|passwd|secret|token|api_?key|private_?key|authorization|credentials?)$/i;

/** What one instance of a plugin may write: the plugin's keys and the host's. */
export function instanceSchema(definition: PluginDefinition): SchemaNode {
  const own = inputSchema(definition.config);
  const host = inputSchema(instanceConfig);
  return {
    ...own,
    type: "object",
    properties: { ...host.properties, ...own.properties },
    additionalProperties: own.additionalProperties ?? false,
  };
}

/** References stay as they were written; known secrets and values of secret keys are replaced. */
function redactTree(value: unknown, secrets: Secrets, key = ""): unknown {
  if (typeof value === "string") {
    if (hasReference(value)) return value;
    return SECRET_KEY.test(key) && value !== "" ? REDACTED : secrets.redact(value);
  }
  if (Array.isArray(value)) return value.map((item) => redactTree(item, secrets, key));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, redactTree(item, secrets, name)]),
  );
}

function effectivePlugins(
  written: unknown,
  definitions: readonly PluginDefinition[],
): Record<string, unknown> {
  const entries = isRecord(written) ? written : {};
  const shown = definitions.flatMap((definition): [string, unknown][] => {
    const given = definition.name in entries ? (entries[definition.name] ?? {}) : undefined;
    if (given === undefined && definition.needsConfig) return [];
    const schema = instanceSchema(definition);
    const fill = (one: unknown) => fillDefaults(schema, one ?? {});
    return [[definition.name, Array.isArray(given) ? given.map(fill) : fill(given)]];
  });
  return Object.fromEntries(shown);
}

/** What was loaded, as plain data in the order of the schema, and as a file that gives the same configuration. */
export function showConfig(loaded: Pick<LoadedConfig, "source" | "definitions"> & { secrets: Secrets }): {
  value: Record<string, unknown>;
  yaml: string;
} {
  const filled = fillDefaults(inputSchema(configSchema), loaded.source) as Record<string, unknown>;
  const plugins = effectivePlugins(loaded.source["plugins"], loaded.definitions);
  const value = redactTree({ ...filled, plugins }, loaded.secrets) as Record<string, unknown>;
  return { value, yaml: stringify(value, { lineWidth: 110 }) };
}
