/** Which scenarios there are: one folder per area, whose files default-export them. */
import { basename, dirname, join } from "node:path";
import { Glob } from "bun";
import type { Scenario } from "../scenario.ts";

export interface Listed {
  area: string;
  scenario: Scenario;
}

const FOLDER = dirname(import.meta.dir);

export async function listScenarios(): Promise<Listed[]> {
  const files = [...new Glob("*/*.ts").scanSync({ cwd: FOLDER })]
    .filter((file) => !file.startsWith("lib/") && !file.endsWith(".test.ts"))
    .toSorted();
  const listed: Listed[] = [];
  for (const file of files) {
    const { default: exported } = (await import(join(FOLDER, file))) as {
      default?: Scenario | readonly Scenario[];
    };
    // A file beside the scenarios that only they import exports none.
    for (const scenario of exported === undefined ? [] : ([exported].flat() as Scenario[]))
      listed.push({ area: basename(dirname(file)), scenario });
  }
  const names = listed.map(({ area, scenario }) => `${area} ${scenario.name}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`there are two scenarios named ${twice}`);
  return listed;
}
