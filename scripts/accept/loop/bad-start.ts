/** Starts and commands that can't work: configuration and arguments; and the stage on which all bad input is tried. */
import { chmodSync, cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Ran } from "../lib/run.ts";
import type { Transcript } from "./transcript.ts";

const NOTES = ["kept one", "kept two", "kept three"];
/** A user that owns nothing. */
export const NOBODY = 65_534;

export interface Stage {
  rig: Rig;
  transcript: Transcript;
  /** The program, on its own: never a daemon that stays. */
  cortex(args: string[], options?: { as?: number; stdin?: string }): Promise<Ran>;
  /** A data folder in use before, with the notes in its ledger, that nobody runs on. */
  folder(name: string, into?: string): string;
  /** The daemon starts on this folder, its ledger holds, and every note is still there. */
  ensureWhole(dataDir: string, what: string): Promise<void>;
}

export async function createStage(rig: Rig, transcript: Transcript): Promise<Stage> {
  // Another user must be able to reach the files that he is then refused.
  chmodSync(rig.folder, 0o711);
  const binary = await rig.binary();
  const first = await rig.cortex();
  for (const summary of NOTES)
    ensureEqual((await first.api("POST", "intents", { kind: "note", summary })).status, 201, "POST intents");
  await first.stop();
  rmSync(join(first.dataDir, "ballast"), { force: true });

  async function ensureWhole(dataDir: string, what: string): Promise<void> {
    const again: Cortex = await rig.cortex({ dataDir }).catch((error: unknown) => {
      throw new Error(`${what}: afterwards it does not start`, { cause: error });
    });
    const verified = await again.cli("intents", "verify");
    ensureEqual([verified.code, verified.stderr], [0, ""], `${what}: intents verify afterwards`);
    const { json } = await again.api<{ items: { summary: string }[] }>("GET", "intents?limit=500");
    const summaries = json.items.map((one) => one.summary);
    for (const note of NOTES) ensure(summaries.includes(note), `${what}: "${note}" is lost`);
    await again.stop();
  }

  return {
    rig,
    transcript,
    cortex: (args, { as, stdin } = {}) =>
      rig.run(
        [
          ...(as === undefined
            ? []
            : ["/usr/bin/setpriv", `--reuid=${as}`, `--regid=${as}`, "--clear-groups"]),
          binary,
          ...args,
        ],
        {
          env: { PATH: "/usr/bin:/bin", HOME: join(rig.folder, "no-home") },
          timeoutMs: 20_000,
          ...(stdin === undefined ? {} : { stdin }),
        },
      ),
    folder(name, into = rig.folder) {
      const path = join(into, name);
      cpSync(first.dataDir, path, { recursive: true });
      chmodSync(path, 0o700);
      return path;
    },
    ensureWhole,
  };
}

export async function badConfigs({ rig, transcript, cortex }: Stage): Promise<void> {
  const texts: [what: string, yaml: string][] = [
    ["an unknown key", "engine:\n  tikc: 1s\n"],
    ["a wrong type", "engine:\n  tick: [1s]\n"],
    ["a duration without a unit", "engine:\n  tick: 10\n"],
    ["a key out of range", "breaker:\n  attempts: 0\n"],
    ["a file that is no YAML", "engine:\n tick: 1s\n  x\n: {"],
    ["a list where a mapping should be", "- engine\n"],
    ["an unknown plugin", "plugins:\n  memroy: {}\n"],
    ["an unknown key of a plugin", "plugins:\n  memory:\n    mem_available: { warnig: 1 }\n"],
    ["a secret that is not there", "node:\n  name: ${env:CORTEX_NO_SUCH_NAME}\n"],
    ["three mistakes at once", "nonsense: 1\nlog:\n  level: loud\npolicy:\n  autonomy: maybe\n"],
  ];
  for (const [index, [what, yaml]] of texts.entries()) {
    const file = rig.file(`bad-${index}.yaml`, yaml);
    const data = join(rig.folder, "never-made");
    const ran = await cortex(["up", "--config", file, "--data-dir", data, "--listen", "127.0.0.1:0"]);
    ensureEqual(ran.code, 78, `exit code for ${what}`);
    for (const line of ran.stderr.trimEnd().split("\n"))
      ensure(/^cortex: \S+\.yaml:\d+:\d+ /.test(line), `${what}: no file, line and column in: ${line}`);
    ensure(!readdirSync(rig.folder).includes("never-made"), `${what}: the data folder was made`);
    transcript.refused(`configuration: ${what}`, ran);
    const checked = await cortex(["config", "check", "--config", file]);
    ensureEqual([checked.code, checked.stderr], [78, ran.stderr], `config check of ${what}`);
  }
  transcript.refused(
    "configuration: no such file",
    await cortex(["up", "--config", join(rig.folder, "none.yaml")]),
  );
  const secret = rig.file("secret.yaml", "version: 1\n", 0o600);
  transcript.refused(
    "configuration: a file of another user",
    await cortex(["up", "--config", secret], { as: NOBODY }),
  );
}

export async function badArguments({ transcript, cortex, folder }: Stage): Promise<void> {
  const data = ["--data-dir", folder("for-arguments")];
  const calls: [what: string, args: string[], code: number][] = [
    ["an unknown command", ["frobnicate"], 64],
    ["an unknown command of a group", ["plugin", "frobnicate"], 64],
    ["an unknown option", ["inspect", "--frobnicate"], 64],
    ["one argument too many", ["up", "now"], 64],
    ["a missing argument", ["user", "create"], 64],
    ["a missing option", ["key", "create", "ci"], 64],
    ["a role that there is not", ["key", "create", "ci", "--role", "king", ...data], 64],
    ["a duration that is none", ["maintenance", "add", "--for", "soon", "--reason", "x", ...data], 64],
    ["an id that nothing has", ["intents", "show", "zzzzzzzz", ...data], 66],
    ["an id that is too short to be sure", ["maintenance", "remove", "zzzz", ...data], 64],
    ["an address that is none", ["up", "--listen", "nonsense", ...data], 64],
    ["no terminal to ask for a password", ["user", "create", "ada", "--role", "admin", ...data], 64],
    ["a key over plain HTTP", ["nodes", "--url", "http://monitor.example", "--key", "cxk_x_y"], 64],
    ["a Monitor that does not answer", ["nodes", "--url", "http://127.0.0.1:1", "--key", "cxk_x_y"], 69],
  ];
  for (const [what, args, code] of calls) {
    const ran = await cortex(args);
    ensureEqual(ran.code, code, `exit code for ${what} (${ran.stderr.trim()})`);
    transcript.refused(`command: ${what}`, ran);
  }
}
