/**
 * Loads a user's plugin into this process from texts that were read before: TypeScript as it is, with "cortex" and "zod"
 * served from inside the program. Nothing is read from disk, so what was hashed is what runs. Only the child process of that
 * one plugin ever does this.
 */
import { dirname, join } from "node:path";
import { type BunPlugin, plugin } from "bun";
import { CortexError, messageOf } from "cortex";
import * as sdk from "cortex";
import * as zod from "zod";

export interface PluginTexts {
  /** The folder the texts came from, for messages. */
  folder: string;
  entry: string;
  files: Readonly<Record<string, string>>;
}

const NAMESPACE = "plugin";
const LOADERS = { ts: "ts", mts: "ts", tsx: "tsx", js: "js", mjs: "js", jsx: "jsx" } as const;

let loads = 0;

/** The module's default export. Errors of its own code pass through; one that can't be read or found is `plugin.invalid`. */
export async function importPlugin(texts: PluginTexts): Promise<unknown> {
  // A process that loads several (only tests do) must not get the modules of the one before.
  const namespace = `${NAMESPACE}${(loads += 1)}`;
  const path = join(texts.folder, texts.entry);
  await plugin(served(texts, namespace));
  try {
    const module = (await import(`${namespace}:${path}`)) as { default?: unknown };
    return module.default;
  } catch (error) {
    throw located(error, namespace);
  }
}

function served({ folder, files }: PluginTexts, namespace: string): BunPlugin {
  const prefix = `${namespace}:`;
  const own = (path: string) =>
    path.startsWith(`${folder}/`) ? files[path.slice(folder.length + 1)] : undefined;
  return {
    name: namespace,
    setup(build) {
      build.module("cortex", () => ({ exports: { ...sdk }, loader: "object" }));
      build.module("zod", () => ({ exports: { ...zod, default: zod }, loader: "object" }));
      build.onResolve({ filter: /^\.{1,2}\// }, ({ path, importer }) => {
        if (!importer.startsWith(prefix)) return undefined;
        const found = join(dirname(importer.slice(prefix.length)), path);
        return own(found) === undefined ? undefined : { path: found, namespace };
      });
      build.onLoad({ filter: /./, namespace }, ({ path }) => {
        const text = own(path);
        if (text === undefined)
          throw new CortexError("plugin.invalid", "invalid", `${path} is not part of the plugin`);
        const extension = path.slice(path.lastIndexOf(".") + 1);
        if (extension === "json") return { contents: `export default ${text};`, loader: "js" };
        return { contents: text, loader: LOADERS[extension as keyof typeof LOADERS] ?? "ts" };
      });
    },
  };
}

/** Bun knows where a text stops being TypeScript, and which import leads nowhere; its message alone does not say it. */
function located(error: unknown, namespace: string): unknown {
  const { position, code } = error as {
    position?: { file: string; line: number; column: number } | null;
    code?: unknown;
  };
  const options = { cause: error };
  const plain = (text: string) => text.replaceAll(`${namespace}:`, "");
  if (position)
    return new CortexError(
      "plugin.invalid",
      "invalid",
      `${plain(position.file)}:${position.line}:${position.column} ${plain(messageOf(error))}`,
      options,
    );
  if (code !== "ERR_MODULE_NOT_FOUND") return error;
  const advice = messageOf(error).includes("'.")
    ? "name a file of its own with its extension, as in ./lib.ts"
    : 'a plugin is made of its own files, "cortex" and "zod"';
  return new CortexError("plugin.invalid", "invalid", `${plain(messageOf(error))}; ${advice}`, options);
}
