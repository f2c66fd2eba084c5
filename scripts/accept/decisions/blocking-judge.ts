/**
 * Loaded before a program of this tree, it has the judge asked by a call that everything else in the program waits for: the
 * control of the scenario that says that nobody does. No setting of Cortex does the same.
 */
import type { Fetch, FetchResult, PluginDefinition } from "cortex";
import { builtins } from "../../../plugins/index.gen.ts";

const ASK = `
const { url, options: { method, headers, body } } = JSON.parse(await Bun.stdin.text());
const response = await fetch(url, { method, headers, body });
const said = { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
process.stdout.write(JSON.stringify({ ...said, durationMs: 0 }));
`;

const blocking: Fetch = async (url, { signal: _, ...options } = {}) => {
  const stdin = Buffer.from(JSON.stringify({ url, options }));
  const { stdout } = Bun.spawnSync([process.execPath, "-e", ASK], { stdin, stderr: "inherit" });
  return JSON.parse(stdout.toString()) as FetchResult;
};

const asksBlocking = (one: PluginDefinition): PluginDefinition => ({
  ...one,
  setup: (ctx, config) => one.setup({ ...ctx, fetch: blocking }, config),
});

// Scenarios are found by importing every file of the folder: there it must change nothing.
if (process.env["CORTEX_ACCEPT_BLOCKING"] === "1") {
  const list = builtins as PluginDefinition[];
  const at = list.findIndex(({ name }) => name === "decider-claude");
  list[at] = asksBlocking(list[at]!);
}
