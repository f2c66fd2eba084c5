/** Which configuration the daemon of a folder runs with: it may have been started with another one than a command would find. */
import type { Settings as ApiSettings } from "../../core/http/routes/settings.ts";
import type { Settings } from "../settings.ts";
import { daemonOf } from "./client.ts";

/** null: no file, all defaults. Undefined when no daemon runs, or an older one that does not say it. */
export async function fileInUse(settings: Pick<Settings, "dataDir">): Promise<string | null | undefined> {
  const daemon = await daemonOf(settings);
  const answer = await daemon?.get<Pick<ApiSettings, "configFile">>("settings").catch(() => null);
  return answer?.configFile;
}
