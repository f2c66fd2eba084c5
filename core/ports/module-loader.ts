/**
 * Loads a user's plugin from disk into this process: TypeScript as it is, with "cortex" and "zod" served from inside the
 * program. Only the child process of that one plugin ever does this.
 */
import { pathToFileURL } from "node:url";
import { plugin } from "bun";
import * as sdk from "cortex";
import * as zod from "zod";

let served = false;

/** The module's default export. Errors of its own code pass through. */
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
  const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  return module.default;
}
