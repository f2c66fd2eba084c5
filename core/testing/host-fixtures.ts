/**
 * Captured hosts kept outside the tree, for suites that are an extra: CORTEX_FIXTURES names the folder that holds
 * `hosts/NAME/{proc,sys}`, for example the fixtures of prometheus/node_exporter. Where it is not set they are skipped.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

export interface HostFixture {
  root: string;
  present: boolean;
}

export function hostFixture(name: string): HostFixture {
  const folder = process.env["CORTEX_FIXTURES"];
  const root = join(folder === undefined || folder === "" ? "/nonexistent" : folder, "hosts", name);
  return { root, present: existsSync(root) };
}
