/**
 * `bun run gen [--check]`: what is derived from the sources is written, or (`--check`) must be as it would be written.
 * One small file in scripts/gen/ per generator.
 */
import { generateApiReference } from "./gen/api-reference.ts";
import { generateCliReference } from "./gen/cli-reference.ts";
import { generateConfigFiles } from "./gen/config-files.ts";
import { type GeneratedFile, staleFiles, writeFiles } from "./gen/files.ts";
import { generateIcons } from "./gen/icons.ts";
import { generatePluginsReference } from "./gen/plugins-reference.ts";
import { registryFile } from "./gen/registry.ts";
import { generateThreats } from "./gen/threats.ts";
import { fail, messageOf, say } from "./lib/say.ts";
import { loadPlugins, nameProblems } from "./plugins/load.ts";

const check = process.argv.includes("--check");
const settle = async (files: GeneratedFile[]): Promise<string[]> =>
  check ? (await staleFiles(files)).map((file) => file.path) : writeFiles(files);

try {
  // First, because the others read the program through it.
  const changed = await settle([await registryFile()]);
  const { plugins, failures } = await loadPlugins();
  const problems = [...failures, ...nameProblems(plugins)];
  if (problems.length > 0) fail(problems.join("\ncortex: "));

  const definitions = plugins.map((plugin) => plugin.definition);
  const files = await Promise.all([
    generateConfigFiles(definitions),
    generatePluginsReference(plugins),
    generateCliReference(),
    generateApiReference(),
    generateThreats(),
  ]);
  changed.push(...(await settle([...files.flat(), generateIcons()])));
  if (check && changed.length > 0)
    fail(`not fresh: ${changed.join(", ")}; run \`bun run gen\` and commit the result.`);
  for (const path of changed) say(`wrote ${path}`);
} catch (error) {
  fail(messageOf(error));
}
// Imported modules may have left something open; everything there was to do is done.
process.exit(0);
