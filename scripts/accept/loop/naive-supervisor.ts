/**
 * What at-most-once is measured against: a supervisor that writes its intent to disk as Cortex does, but after a crash
 * simply runs it again. `bun naive-supervisor.ts STATE_FILE PORT PROGRAM…`; one line per state on standard output.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { pause } from "../lib/wait.ts";
import { answers, serving } from "./demo.ts";

const STABLE_MS = 1000;

interface Intent {
  id: string;
  state: "executing" | "verifying" | "verified";
}

async function superviseForEver(stateFile: string, port: number, argv: string[]): Promise<never> {
  const save = (intent: Intent) => {
    writeFileSync(stateFile, JSON.stringify(intent));
    process.stdout.write(`${intent.state}\n`);
  };
  async function execute({ id }: Intent): Promise<void> {
    save({ id, state: "executing" });
    Bun.spawn(argv, {
      detached: true,
      stdio: ["ignore", "ignore", "ignore"],
      env: { CORTEX_INTENT: id },
    }).unref();
    await serving(port);
    save({ id, state: "verifying" });
    await pause(STABLE_MS);
    save({ id, state: "verified" });
  }
  if (existsSync(stateFile)) {
    const left = JSON.parse(readFileSync(stateFile, "utf8")) as Intent;
    if (left.state !== "verified") await execute(left);
  }
  for (;;) {
    if (!(await answers(port))) await execute({ id: crypto.randomUUID(), state: "executing" });
    await pause(50);
  }
}

if (import.meta.main) {
  const [stateFile = "", port = "", ...argv] = process.argv.slice(2);
  await superviseForEver(stateFile, Number(port), argv);
}
