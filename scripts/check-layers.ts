/** `bun scripts/check-layers.ts`: every import of the tree against the table in layers/rules.ts. */
import { checkLayers } from "./layers/check.ts";
import { rootDir } from "./lib/tree.ts";

const { modules, imports, violations } = checkLayers(rootDir);
for (const violation of violations) process.stderr.write(`${violation}\n`);
process.stderr.write(
  `check-layers: ${modules} modules, ${imports} imports, ${violations.length} violations\n`,
);
process.exit(violations.length > 0 ? 1 : 0);
