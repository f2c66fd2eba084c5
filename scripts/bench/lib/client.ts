/** Load comes from a process of its own, so that its cost is not taken for the server's. */
import { join } from "node:path";
import type { Rig } from "../../accept/lib/rig.ts";

/** Run clients/NAME.ts with `options` and give what it prints. */
export async function runClient<T>(rig: Rig, name: string, options: object): Promise<T> {
  const file = rig.file(`client-${name}-${crypto.randomUUID()}.json`, JSON.stringify(options));
  const argv = [process.execPath, join(import.meta.dir, `../clients/${name}.ts`), file];
  const { code, stdout, stderr } = await rig.run(argv, { cwd: rig.root, timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`client ${name}: ${stderr.trim() || stdout.trim()}`);
  return JSON.parse(stdout) as T;
}
