/** The store of one plugin instance over the node's own: values as they are, and values that are sealed. */
import type { PluginStore } from "cortex";
import type { Vault } from "../ports/secrets/vault.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import { PLUGIN_SECRETS, pluginSecretId } from "../store/agent/plugin-secrets.repository.ts";
import { pluginText } from "../store/agent/values.repository.ts";

/** `scope`: `PLUGIN~INSTANCE`. */
export function createPluginStore(
  store: Pick<AgentStore, "pluginValues" | "pluginSecrets">,
  vault: Pick<Vault, "seal" | "open">,
  scope: string,
): PluginStore {
  const { pluginValues, pluginSecrets } = store;
  return {
    get: (key) => pluginValues.get(scope, key),
    set: (key, value) => pluginValues.set(scope, key, value),
    delete: (key) => pluginValues.delete(scope, key),
    keys: () => pluginValues.keys(scope),
    sealed: {
      get<T>(key: string) {
        const record = pluginSecrets.get(scope, key);
        if (record === null) return null;
        return JSON.parse(vault.open(PLUGIN_SECRETS, pluginSecretId(scope, key), record)) as T;
      },
      set(key, value) {
        const text = pluginText(scope, key, value);
        pluginSecrets.set(scope, key, vault.seal(PLUGIN_SECRETS, pluginSecretId(scope, key), text));
      },
      delete: (key) => pluginSecrets.delete(scope, key),
      keys: () => pluginSecrets.keys(scope),
    },
  };
}
