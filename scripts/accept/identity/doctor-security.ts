/** `cortex doctor --security` finds each weakness that is planted, and nothing of it before. */
import { chmodSync, mkdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";

interface Finding {
  what: string;
  status: "ok" | "warning" | "critical";
  text: string;
  run: string | null;
}

interface Stage {
  cortex: Cortex;
  /** A root of its own, for what lies outside Cortex's folders. */
  root: string;
  plugins: string;
  put(path: string, text: string): void;
}

/** What is planted, how it is taken away again, and what must be found. */
const WEAKNESSES: [
  what: string,
  plant: (stage: Stage) => (() => void) | Promise<() => void>,
  finding: string,
][] = [
  [
    "a data folder that others can enter",
    ({ cortex }) => mode(cortex.dataDir, 0o755, 0o700),
    "critical files.data",
  ],
  [
    "a key that others can read",
    ({ cortex }) => mode(join(cortex.dataDir, "keys"), 0o755, 0o700),
    "critical files.keys",
  ],
  [
    "a socket for everybody",
    ({ cortex }) => mode(join(cortex.dataDir, "cortex.sock"), 0o666, 0o600),
    "critical files.socket",
  ],
  [
    "a store that others can read",
    ({ cortex }) => mode(join(cortex.dataDir, "monitor.db"), 0o644, 0o600),
    "critical files.store",
  ],
  [
    "a backup that others can read",
    ({ cortex }) => file(join(cortex.dataDir, "backups/old.db"), 0o644),
    "critical files.backups",
  ],
  [
    "a configuration that others can write",
    ({ cortex }) => mode(cortex.configFile, 0o666, 0o600),
    "critical files.config",
  ],
  [
    "an environment file that others can read",
    ({ cortex }) => file(join(dirname(cortex.configFile), "environment"), 0o644),
    "critical files.environment",
  ],
  ["a plugin that nobody allowed", ({ plugins }) => plugin(plugins), "critical plugins.refused"],
  [
    "an allow-list that others can write",
    ({ plugins }) => mode(`${plugins}.lock`, 0o666, 0o644),
    "critical plugins.lock",
  ],
  [
    "a rule of polkit that allows all units",
    (at) =>
      planted(
        at,
        "etc/polkit-1/rules.d/60-x.rules",
        'polkit.addRule(function (a, s) { if (s.user == "cortex") return polkit.Result.YES; });',
      ),
    "critical host.polkit",
  ],
  [
    "a chore that nobody wants any more",
    (at) => planted(at, "etc/systemd/system/cortex-act-old.service", ""),
    "critical privileges.drift",
  ],
  [
    "a unit without its hardening",
    (at) => planted(at, "etc/systemd/system/cortex.service", "[Service]\nUser=root\n"),
    "critical host.unit",
  ],
  [
    "membership in docker",
    (at) => planted(at, "etc/group", "docker:x:1:cortex\n", ""),
    "critical host.groups",
  ],
  ["a key that never expires", key("--expires", "never"), "warning keys.expiry"],
  ["an admin's key for everywhere", key("--role", "admin"), "warning keys.admin"],
];

function mode(path: string, bad: number, good: number): () => void {
  chmodSync(path, bad);
  return () => chmodSync(path, good);
}

function file(path: string, bad: number): () => void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, "x");
  chmodSync(path, bad);
  return () => unlinkSync(path);
}

function plugin(dir: string): () => void {
  mkdirSync(join(dir, "stranger"), { mode: 0o755 });
  writeFileSync(join(dir, "stranger/index.ts"), "export default 1;", { mode: 0o644 });
  return () => rmSync(join(dir, "stranger"), { recursive: true });
}

/** Put back with `before` where the file belongs to a sound host. */
function planted({ put, root }: Stage, path: string, text: string, before?: string): () => void {
  put(path, text);
  return () => (before === undefined ? rmSync(join(root, path)) : put(path, before));
}

function key(...options: string[]) {
  return async ({ cortex }: Stage) => {
    const role = options.includes("--role") ? [] : ["--role", "viewer"];
    const made = await cortex.cli("key", "create", `weak${options.join("")}`, ...role, ...options, "--json");
    ensureEqual(made.code, 0, `key create: ${made.stderr}`);
    const { id } = JSON.parse(made.stdout) as { id: string };
    return () => void cortex.api("DELETE", `keys/${id}`);
  };
}

async function stage(rig: Rig, name: string): Promise<Stage> {
  const cortex = await rig.cortex({ config: { secrets: { key_file: join(rig.folder, `kek-${name}`) } } });
  const root = join(rig.folder, `root-${name}`);
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put("etc/passwd", "root:x:0:0::/:\ncortex:x:990:990::/:\n");
  put("etc/group", "");
  await cortex.cli("privileges", "install", "--root", root);
  const plugins = join(dirname(cortex.configFile), "plugins");
  writeFileSync(`${plugins}.lock`, '{ "version": 1, "plugins": {} }', { mode: 0o644 });
  return { cortex, root, plugins, put };
}

async function audit({ cortex, root, plugins }: Stage): Promise<{ code: number; found: Finding[] }> {
  const ran = await cortex.cli("doctor", "--security", "--json", "--root", root, "--plugins-dir", plugins);
  ensure(ran.stdout.startsWith("["), `doctor --security says: ${ran.stderr || ran.stdout}`);
  return { code: ran.code, found: JSON.parse(ran.stdout) as Finding[] };
}

const bad = (found: readonly Finding[]) =>
  new Set(found.filter((one) => one.status !== "ok").map((one) => `${one.status} ${one.what}`));

/** Plant each weakness in one installation and look at `seen`, which is that one unless the test is blind. */
async function hunt(at: Stage, seen: Stage): Promise<string> {
  const before = bad((await audit(seen)).found);
  const missed: string[] = [];
  for (const [what, plant, finding] of WEAKNESSES) {
    ensure(!before.has(finding), `${finding} was found before ${what} was planted`);
    const mend = await plant(at);
    const { code, found } = await audit(seen);
    mend();
    const [status, where] = finding.split(" ");
    const named = found.find((one) => one.what === where && one.status === status);
    if (named === undefined) {
      missed.push(what);
      continue;
    }
    const isCritical = found.some((one) => one.status === "critical");
    ensureEqual(code, isCritical ? 2 : 1, `exit code with ${what}`);
    ensure(named.text.length > 20, `${what} is not explained`);
  }
  ensure(missed.length === 0, `${missed.length} of ${WEAKNESSES.length} not found: ${missed.join(", ")}`);
  const after = bad((await audit(seen)).found);
  const left = [...after].filter((one) => !before.has(one));
  // Rows of a Monitor go a moment after they were asked to.
  ensureEqual(
    left.filter((one) => !one.includes("keys.")),
    [],
    "found after all was mended",
  );
  return `${WEAKNESSES.length} weaknesses, each found when it was planted and not before`;
}

export default {
  name: "doctor-security",
  quick: true,
  timeoutMs: 120_000,
  async run(rig) {
    const at = await stage(rig, "one");
    return hunt(at, at);
  },
  /** The doctor of a sound installation beside it: what it finds is found where it is. */
  control: async (rig) => hunt(await stage(rig, "one"), await stage(rig, "other")),
} satisfies Scenario;
