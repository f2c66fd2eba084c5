/** Runs the small programs of floors/: from source where they run on, compiled like Cortex where their start counts. */
import { join } from "node:path";
import type { Rig } from "../../accept/lib/rig.ts";
import { runOrThrow } from "../../lib/run.ts";

const FLOORS = join(import.meta.dir, "../floors");

export const floorArgv = (name: string, ...args: string[]): string[] => [
  process.execPath,
  join(FLOORS, `${name}.ts`),
  ...args,
];

/** One number, printed by a floor that runs to its end. */
export async function floorFigure(rig: Rig, name: string, ...args: string[]): Promise<number> {
  const { code, stdout, stderr } = await rig.run(floorArgv(name, ...args), { cwd: rig.root });
  const figure = Number(stdout);
  if (code !== 0 || !Number.isFinite(figure)) throw new Error(`floor ${name}: ${stderr.trim() || stdout}`);
  return figure;
}

/** As `scripts/build.ts` compiles Cortex. */
export async function compileFloor(rig: Rig, name: string): Promise<string> {
  const outfile = join(rig.folder, name);
  const options = ["--compile", "--minify", "--bytecode", "--format=esm", "--outfile", outfile];
  await runOrThrow([process.execPath, "build", join(FLOORS, `${name}.ts`), ...options], "compiling a floor");
  return outfile;
}
