/** Small durable values: facts about the installation (`meta`) and what plugin instances keep. */
import { storeErrors } from "../errors.ts";
import type { Connection } from "../connection.ts";
import type { AgentStore } from "./agent-store.ts";

const MAX_PLUGIN_VALUE_BYTES = 64 * 1024;

interface ValueRow {
  value: string;
}

export function createMeta(connection: Connection): AgentStore["meta"] {
  return {
    get: <T>(key: string) => parse<T>(connection.get<ValueRow>("SELECT value FROM meta WHERE key = ?", key)),
    set: (key, value) => {
      connection.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, stringify(value));
    },
    delete: (key) => {
      connection.run("DELETE FROM meta WHERE key = ?", key);
    },
  };
}

/** A plugin's value as it is kept. Errors: `store.value_too_large`. */
export function pluginText(scope: string, key: string, value: unknown): string {
  const text = stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PLUGIN_VALUE_BYTES)
    throw storeErrors.value_too_large(
      `${scope}: the value of "${key}" has ${bytes} bytes, at most ${MAX_PLUGIN_VALUE_BYTES} can be kept`,
    );
  return text;
}

export function createPluginValues(connection: Connection): AgentStore["pluginValues"] {
  return {
    get: <T>(scope: string, key: string) =>
      parse<T>(
        connection.get<ValueRow>("SELECT value FROM plugin_values WHERE scope = ? AND key = ?", scope, key),
      ),
    set: (scope, key, value) => {
      const text = pluginText(scope, key, value);
      connection.run(
        "INSERT OR REPLACE INTO plugin_values (scope, key, value) VALUES (?, ?, ?)",
        scope,
        key,
        text,
      );
    },
    delete: (scope, key) => {
      connection.run("DELETE FROM plugin_values WHERE scope = ? AND key = ?", scope, key);
    },
    keys: (scope) =>
      connection
        .all<{ key: string }>("SELECT key FROM plugin_values WHERE scope = ? ORDER BY key", scope)
        .map((row) => row.key),
  };
}

function parse<T>(row: ValueRow | null): T | null {
  return row === null ? null : (JSON.parse(row.value) as T);
}

/** `undefined` has no JSON; it is kept as null. */
function stringify(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}
