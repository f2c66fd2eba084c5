/** `bun scripts/check-plugins.ts`: every plugin's folder is complete, documented and configured by its own sample. */
import { pluginFolders } from "./gen/registry.ts";
import { rootDir } from "./lib/tree.ts";
import { configProblems } from "./plugins/config.ts";
import { fileProblems, readmeProblems } from "./plugins/files.ts";
import { loadPlugins, nameProblems } from "./plugins/load.ts";

const folders = pluginFolders();
const { plugins, failures } = await loadPlugins();
const problems = [
  ...folders.flatMap((folder) => fileProblems(folder, rootDir)),
  ...failures,
  ...nameProblems(plugins),
  ...plugins.flatMap(({ folder, definition }) => configProblems(folder, definition)),
  ...plugins.flatMap(({ folder, hooks }) => readmeProblems(folder, hooks, rootDir)),
];
if (folders.length === 0) problems.push("no plugins found: nothing was checked");
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stderr.write(`check-plugins: ${folders.length} plugins, ${problems.length} problems\n`);
process.exit(problems.length > 0 ? 1 : 0);
