/** `cortex privileges show | check | install | remove`: the root work that Cortex may have done, exactly. */
import { existsSync } from "node:fs";
import { CortexError } from "cortex";
import { privilegeFiles, type Privileged } from "../../../core/domain/privileges.ts";
import { createExec } from "../../../core/ports/processes/exec.ts";
import { compare, install, remove } from "../../rights/privileged-files.ts";
import { wantedPrivileges } from "../../rights/privileges.ts";
import { loadSettings } from "../../settings.ts";
import { command, group } from "../command.ts";
import { print, printJson, state, table } from "../output.ts";

const args = {
  json: { type: "boolean", description: "Print JSON." },
  config: { type: "string", description: "Configuration file.", valueHint: "FILE" },
  root: { type: "string", description: "Root of the system the files are for; default /.", valueHint: "DIR" },
} as const;

function wanted(given: { config?: string | undefined }): {
  wishes: Privileged;
  files: Record<string, string>;
} {
  const { config, instances, definitions } = loadSettings(given);
  const wishes = wantedPrivileges(config, instances, definitions);
  return { wishes, files: privilegeFiles(wishes) };
}

function rootOf(root: string | undefined): string {
  const path = (root ?? "").replace(/\/+$/, "");
  if (path !== "" && !existsSync(path))
    throw new CortexError("privileges.root", "not_found", `${path} is not a folder`);
  return path;
}

function assertRoot(root: string): void {
  if (root === "" && process.getuid?.() !== 0)
    throw new CortexError("privileges.denied", "forbidden", "these files belong to root; run this with sudo");
}

/** systemd reads new units only when it is told; polkit watches its folder. */
async function reload(root: string): Promise<void> {
  if (root !== "" || !existsSync("/run/systemd/system")) return;
  await createExec().run(["systemctl", "daemon-reload"], { timeoutMs: 30_000 });
}

const show = command({
  name: "privileges show",
  description:
    "Print the polkit rule and the one-shot units that this configuration asks for; changes nothing.",
  args,
  async run(given) {
    const { wishes, files } = wanted(given);
    if (given.json) return printJson({ ...wishes, files });
    for (const [path, text] of Object.entries(files)) print(`==> ${path} <==\n${text}`);
  },
});

const check = command({
  name: "privileges check",
  description: "Compare what is installed with what the configuration asks for; exit 1 when they differ.",
  args,
  async run(given) {
    const { wishes, files } = wanted(given);
    const differences = compare(rootOf(given.root), files);
    if (given.json) printJson({ ok: differences.length === 0, differences });
    else if (differences.length > 0) {
      print(
        table(
          ["STATUS", "FILE"],
          differences.map(({ path, what }) => [state(what), path]),
        ),
      );
      print("Run: sudo cortex privileges install");
    } else
      print(
        `${state("ok")} ${Object.keys(wishes.units).length} units, ${wishes.chores.length} chores, as the configuration asks`,
      );
    return differences.length === 0 ? 0 : 1;
  },
});

const installCommand = command({
  name: "privileges install",
  description:
    "Let Cortex, as the user cortex, do exactly what its configuration asks for: write the polkit rule and the units.",
  args,
  async run(given) {
    const root = rootOf(given.root);
    const { wishes, files } = wanted(given);
    assertRoot(root);
    const changed = install(root, files);
    await reload(root);
    const names = Object.entries(wishes.units).map(([unit, verbs]) => `${unit} (${verbs.join(", ")})`);
    if (given.json) return printJson({ changed, ...wishes });
    print(changed.length === 0 ? "Nothing to change." : `Written: ${changed.join(" ")}`);
    print(`Units: ${names.join(", ") || "none; name some in privileges.units"}`);
    print(`Chores: ${wishes.chores.map(({ name }) => name).join(", ") || "none"}`);
    if (root === "" && !existsSync("/usr/share/polkit-1") && !existsSync("/usr/lib/polkit-1"))
      print("polkit is not installed: without it the user cortex is refused all of this; install polkitd.");
  },
});

const removeCommand = command({
  name: "privileges remove",
  description: "Take all of it back: Cortex then repairs only what its own user may.",
  args,
  async run(given) {
    const root = rootOf(given.root);
    assertRoot(root);
    const removed = remove(root);
    await reload(root);
    if (given.json) printJson({ removed });
    else print(removed.length === 0 ? "Nothing was installed." : `Removed: ${removed.join(" ")}`);
  },
});

export default group("privileges", "What Cortex may do as root while it runs as a user of its own.", {
  show: async () => show,
  check: async () => check,
  install: async () => installCommand,
  remove: async () => removeCommand,
});
