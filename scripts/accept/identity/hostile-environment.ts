/** T104: the folder in which Cortex is started and the environment of who starts it run no code in it. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { plainEnv } from "../lib/run.ts";
import type { Scenario } from "../scenario.ts";

/** The wrapper as install.sh writes it, around the binary under test. */
async function wrapperOf(rig: Rig, binary: string): Promise<string> {
  const root = join(rig.folder, "root");
  for (const name of ["passwd", "group", "shadow", "gshadow"])
    rig.file(`root/etc/${name}`, existsSync(`/etc/${name}`) ? readFileSync(`/etc/${name}`, "utf8") : "");
  const made = await rig.run(["/bin/sh", join(rig.root, "install.sh"), "--root", root, "--binary", binary]);
  ensureEqual(made.code, 0, `exit code of install.sh: ${made.stderr}`);
  const text = readFileSync(join(root, "usr/local/bin/cortex"), "utf8");
  return rig.file("cortex", text.replaceAll("/usr/local/lib/cortex/cortex", binary), 0o755);
}

async function attack(rig: Rig, wrapped: boolean): Promise<string> {
  const binary = await rig.binary();
  const program = wrapped ? await wrapperOf(rig, binary) : binary;
  const marker = join(rig.folder, "marker");
  const code = `require("node:fs").appendFileSync(${JSON.stringify(marker)}, "ran\\n");`;
  const evil = rig.file("cwd/evil.cjs", code);
  rig.file("cwd/bunfig.toml", `preload = ["./evil.cjs"]\n`);
  rig.file("cwd/.env", "BUN_OPTIONS=--preload=./evil.cjs\nBUN_BE_BUN=1\nCORTEX_LOG__LEVEL=debug\n");
  rig.file("cwd/package.json", `{"name":"x","scripts":{"version":"node evil.cjs"}}`);
  const attempts: Record<string, string>[] = [
    {},
    { BUN_OPTIONS: `--preload=${evil}` },
    { BUN_BE_BUN: "1" },
    { BUN_BE_BUN: "1", BUN_OPTIONS: `--preload=${evil}` },
    { NODE_OPTIONS: `--require ${evil}` },
    { BUN_INSPECT: "127.0.0.1:0", BUN_INSPECT_PRELOAD: evil },
    { LD_PRELOAD: evil, LD_LIBRARY_PATH: join(rig.folder, "cwd") },
    { ENV: evil, BASH_ENV: evil, PATH: `${join(rig.folder, "cwd")}:/usr/bin:/bin` },
  ];
  const hits: string[] = [];
  for (const env of attempts) {
    const ran = await rig.run([program, "version"], {
      cwd: join(rig.folder, "cwd"),
      env: { ...plainEnv(), ...env },
    });
    const what = Object.keys(env).join("+") || "folder";
    if (existsSync(marker)) hits.push(what);
    else if (!/^cortex \d|^\d+\.\d+/im.test(ran.stdout))
      hits.push(`${what} (not Cortex: ${ran.stdout.slice(0, 60)})`);
    rmSync(marker, { force: true });
  }
  ensure(hits.length === 0, `code ran, or another program did, by: ${hits.join(", ")}`);
  return `${attempts.length} hostile folders and environments, none of them ran anything`;
}

const scenario: Scenario = {
  name: "hostile-environment",
  quick: true,
  threats: ["T104"],
  run: (rig) => attack(rig, true),
  // The binary without its wrapper obeys the environment: that is why there is a wrapper.
  control: (rig) => attack(rig, false),
};
export default scenario;
