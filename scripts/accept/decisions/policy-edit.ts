/** The policy in one's own editor: started without a shell, checked, saved by compare-and-set; what was typed is never lost. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PolicyVersionItem } from "../../../core/http/types.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { plainEnv, type Ran, runProgram } from "../lib/run.ts";
import type { Scenario } from "../scenario.ts";

const POLICY = "version: 1\nrules:\n  # ours\n  - { id: web, when: { group: web }, verdict: human }\n";

/** `cortex policy edit` with this as `$EDITOR`; its drafts lie where the scenario can look at them. */
function edit({ binary, dataDir, configFile }: Cortex, editor: string, ...args: string[]): Promise<Ran> {
  const argv = [binary, "policy", "edit", ...args, "--data-dir", dataDir, "--config", configFile];
  return runProgram(argv, { env: { ...plainEnv(), EDITOR: editor, TMPDIR: dirname(configFile) } });
}

/** Refused, and the text is where it says, for nobody else to read. */
function ensureKept({ code, stderr }: Ran, why: string, holds: string): void {
  ensure(code !== 0 && stderr.includes(why), `${why}: exit ${code}, ${stderr.trim()}`);
  const path = /your text is in (\S+)/.exec(stderr)?.[1];
  ensure(path !== undefined, `it does not say where the text is: ${stderr.trim()}`);
  ensure(readFileSync(path!, "utf8").includes(holds), "the text is not what was typed");
  ensureEqual([statSync(path!).mode & 0o777, statSync(dirname(path!)).mode & 0o777], [0o600, 0o700], "modes");
}

/** An editor in which somebody else saves before the text is closed. */
function editorWhile(cortex: Cortex, other: boolean): string {
  const folder = dirname(cortex.configFile);
  const theirs = join(folder, "theirs.yaml");
  writeFileSync(theirs, POLICY.replace("human", "allow"));
  const script = join(folder, "editor.py");
  const save = [cortex.binary, "policy", "save", theirs, "--data-dir", cortex.dataDir];
  const lines = [
    "import subprocess, sys",
    ...(other ? [`subprocess.run(${JSON.stringify(save)}, check=True, stdout=subprocess.DEVNULL)`] : []),
    "path = sys.argv[-1]",
    "text = open(path).read()",
    'open(path, "w").write(text.replace("deny", "human") + "    # mine\\n")',
  ];
  writeFileSync(script, lines.join("\n"));
  return `/usr/bin/python3 ${script}`;
}

async function scene(rig: Rig, other: boolean): Promise<string> {
  const cortex = await rig.cortex();
  const file = join(dirname(cortex.configFile), "first.yaml");
  writeFileSync(file, POLICY);
  ensureEqual((await cortex.cli("policy", "save", file)).code, 0, "the first save");

  const saved = await edit(cortex, "sed -i 's/human/deny/'", "--yes", "--note", "by hand", "--json");
  const version = JSON.parse(saved.stdout) as PolicyVersionItem;
  ensureEqual(
    [version.version, version.note, version.text],
    [2, "by hand", POLICY.replace("human", "deny")],
    "the version that was saved",
  );
  const same = await edit(cortex, "true", "--yes");
  ensure(same.code === 0 && same.stderr.includes("Nothing was changed"), `no change: ${same.stderr.trim()}`);
  ensureKept(await edit(cortex, "sed -i s/deny/perhaps/", "--yes"), "rules[0].verdict", "perhaps");
  const asked = await edit(cortex, "true");
  ensure(
    asked.code !== 0 && asked.stderr.includes("no terminal"),
    `without a terminal: ${asked.stderr.trim()}`,
  );
  const shell = await edit(cortex, `true; touch ${join(cortex.dataDir, "shell")}`, "--yes");
  ensure(
    shell.code !== 0 && shell.stderr.includes("can't start the editor true;"),
    "an editor is a shell's line",
  );

  ensureKept(await edit(cortex, editorWhile(cortex, other), "--yes"), "somebody else saved", "# mine");
  const now = (await cortex.api<PolicyVersionItem>("GET", "policy")).json;
  ensureEqual([now.version, now.text], [3, POLICY.replace("human", "allow")], "what is in force");
  return "saved as typed, comments and all; a mistake, no terminal and a late save leave the text in a file of one's own; no shell";
}

const scenario: Scenario = {
  name: "policy-edit",
  quick: true,
  threats: ["T32"],
  run: (rig) => scene(rig, true),
  control: (rig) => scene(rig, false),
};
export default scenario;
