/** Which configuration the daemon of a folder runs with: it may have been started with another one than a command would find. */
import type { Settings as ApiSettings } from "../../core/http/routes/settings.ts";
import type { Settings } from "../settings.ts";
import { daemonOf } from "./client.ts";

/** null: no file, all defaults. Undefined when no daemon runs, or an older one that does not say it. */
export const fileInUse = async (settings: Pick<Settings, "dataDir">): Promise<string | null | undefined> =>
  (await told(settings))?.configFile;

/** Where the daemon has plugins of its user's own; undefined when none runs, or an older one. */
export const pluginsDirInUse = async (settings: Pick<Settings, "dataDir">): Promise<string | undefined> =>
  (await told(settings))?.pluginsDir;

/** The file to edit, whether it is there or not; `runs` by a daemon, which reads it anew when it is told to. */
export async function fileToEdit(
  settings: Pick<Settings, "dataDir" | "configPlace">,
): Promise<{ path: string; runs: boolean }> {
  const path = (await told(settings))?.configPlace;
  return { path: path ?? settings.configPlace, runs: path !== undefined };
}

async function told(settings: Pick<Settings, "dataDir">) {
  const daemon = await daemonOf(settings);
  return daemon
    ?.get<Pick<ApiSettings, "configFile" | "configPlace" | "pluginsDir">>("settings")
    .catch(() => null);
}
