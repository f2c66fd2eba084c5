/**
 * Loads a user's plugin from disk into this process: TypeScript as it is, with "cortex" and "zod" served from inside the
 * program. Only the child process of that one plugin ever does this.
 */
import { pathToFileURL } from "node:url";
import { plugin } from "bun";
import { CortexError, messageOf } from "cortex";
import * as sdk from "cortex";
import * as zod from "zod";

let served = false;

/** The module's default export. Errors of its own code pass through; one that can't be read or found is `plugin.invalid`. */
export async function importDefault(file: string): Promise<unknown> {
  if (!served) {
    served = true;
    plugin({
      name: "cortex-sdk",
      setup(build) {
        build.module("cortex", () => ({ exports: { ...sdk }, loader: "object" }));
        build.module("zod", () => ({ exports: { ...zod, default: zod }, loader: "object" }));
      },
    });
  }
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return module.default;
  } catch (error) {
    throw located(error);
  }
}

/** Bun knows where a text stops being TypeScript, and which import leads nowhere; its message alone does not say it. */
function located(error: unknown): unknown {
  const { position, code } = error as {
    position?: { file: string; line: number; column: number } | null;
    code?: unknown;
  };
  const options = { cause: error };
  if (position)
    return new CortexError(
      "plugin.invalid",
      "invalid",
      `${position.file}:${position.line}:${position.column} ${messageOf(error)}`,
      options,
    );
  if (code !== "ERR_MODULE_NOT_FOUND") return error;
  const advice = 'a plugin is made of its own files, "cortex" and "zod"';
  return new CortexError("plugin.invalid", "invalid", `${messageOf(error)}; ${advice}`, options);
}
