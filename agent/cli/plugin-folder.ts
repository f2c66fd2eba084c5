/** Which plugin of one's own a command is about, and where it lies. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { CortexError } from "cortex";
import type { Settings } from "../settings.ts";
import { connectionArgs } from "./command.ts";

export const where = {
  json: { type: "boolean", description: "Print JSON." },
  config: connectionArgs.config,
  "data-dir": connectionArgs["data-dir"],
  "plugins-dir": { type: "string", description: "Folder of your own plugins.", valueHint: "DIR" },
} as const;
export const pluginArg = {
  type: "positional",
  required: true,
  description: "Name of a plugin in that folder, or a path.",
} as const;

export const invalid = (message: string) => new CortexError("plugin.argument", "invalid", message);
export const missing = (message: string) => new CortexError("plugin.not_found", "not_found", message);

/** A bare name lies in the folder of plugins; anything with a slash is a path. */
export function folderOf(settings: Settings, plugin: string): string {
  const folder = resolve(plugin.includes("/") ? plugin : join(settings.pluginsDir, plugin));
  if (!existsSync(folder))
    throw missing(`${folder} does not exist; make one with: cortex plugin new ${basename(folder)}`);
  return folder;
}
