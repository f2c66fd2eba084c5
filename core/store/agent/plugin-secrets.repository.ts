/** What plugin instances keep sealed. Only records of the vault get in here. */
import type { SealedPlace } from "../../ports/secrets/vault.ts";
import type { Connection } from "../connection.ts";
import type { AgentStore } from "./agent-store.ts";

export const PLUGIN_SECRETS = "plugin_secrets.record";

/** What the vault binds a record to. */
export const pluginSecretId = (scope: string, key: string): string => JSON.stringify([scope, key]);

export function createPluginSecrets(connection: Connection): AgentStore["pluginSecrets"] {
  return {
    get: (scope, key) =>
      connection.get<{ record: string }>(
        "SELECT record FROM plugin_secrets WHERE scope = ? AND key = ?",
        scope,
        key,
      )?.record ?? null,
    set: (scope, key, record) => {
      connection.run(
        "INSERT OR REPLACE INTO plugin_secrets (scope, key, record) VALUES (?, ?, ?)",
        scope,
        key,
        record,
      );
    },
    delete: (scope, key) => {
      connection.run("DELETE FROM plugin_secrets WHERE scope = ? AND key = ?", scope, key);
    },
    keys: (scope) =>
      connection
        .all<{ key: string }>("SELECT key FROM plugin_secrets WHERE scope = ? ORDER BY key", scope)
        .map((row) => row.key),
  };
}

/** A plugin does without what it kept, so a lost key must not stop a new one. */
export function pluginSecretPlace(connection: Connection): SealedPlace {
  return {
    purpose: PLUGIN_SECRETS,
    mayBeLost: true,
    rows: () =>
      connection
        .all<{ scope: string; key: string; record: string }>("SELECT scope, key, record FROM plugin_secrets")
        .map(({ scope, key, record }) => ({ id: pluginSecretId(scope, key), record })),
    write: (id, record) => {
      const [scope, key] = JSON.parse(id) as [string, string];
      connection.run("UPDATE plugin_secrets SET record = ? WHERE scope = ? AND key = ?", record, scope, key);
    },
  };
}
