/** Commands without a daemon: an inspection that needs nothing and leaves nothing, accounts before the first start. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InspectionAnswer } from "../../../agent/inspect.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Ran } from "../lib/run.ts";
import { inTime, median } from "../lib/stats.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

const WITHIN_MS = 1500;
const RUNS = 5;
const PASSWORD = "correct horse battery staple";

/** Where the command runs: its own empty folders, and how to list every file it could have left. */
interface Room {
  run(args: string[], env?: Record<string, string>): Promise<Ran>;
  files(): string[];
}

/** Everything below a folder with size and time of change. */
function listing(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true }).map((entry) => {
    const file = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = statSync(file);
    return `${file} ${size} ${mtimeMs}`;
  });
}

/**
 * A process with its own network (none) and its own mounts: /tmp and /var/lib are empty and everything else is
 * read-only, so that whatever the command leaves is in the two.
 */
async function isolatedRoom(rig: Rig): Promise<Room> {
  const holder = rig.spawn(["/usr/bin/unshare", "-n", "-m", "/usr/bin/sleep", "600"]);
  const root = `/proc/${holder.pid}/root`;
  const ready = () => statSync(`/proc/${holder.pid}/ns/net`).ino !== statSync("/proc/self/ns/net").ino;
  await until(ready, { what: "the namespaces are made", timeoutMs: 5000 });
  const inside = ["/usr/bin/nsenter", `--target=${holder.pid}`, "--mount", "--net"];
  const mount = async (...args: string[]) => {
    const ran = await rig.run([...inside, "/usr/bin/mount", ...args]);
    if (ran.code !== 0) throw new Error(`mount ${args.join(" ")}: ${ran.stderr.trim()}`);
  };
  await mount("-t", "tmpfs", "none", "/mnt");
  writeFileSync(`${root}/mnt/cortex`, "");
  await mount("--bind", await rig.binary(), "/mnt/cortex");
  await mount("-o", "remount,bind,ro", "/");
  for (const path of ["/tmp", "/var/lib"]) await mount("-t", "tmpfs", "none", path);
  for (const path of ["cwd", "home"]) mkdirSync(`${root}/tmp/${path}`);
  return {
    run: (args, env = {}) =>
      rig.run([...inside, "/usr/bin/env", "-C", "/tmp/cwd", "/mnt/cortex", ...args], {
        env: { PATH: "/usr/bin:/bin", HOME: "/tmp/home", ...env },
      }),
    files: () => ["tmp", "var/lib"].flatMap((path) => listing(`${root}/${path}`)),
  };
}

/** Without root there are no namespaces: its own folders alone. */
async function ownRoom(rig: Rig): Promise<Room> {
  const [cwd, home] = [join(rig.folder, "cwd"), join(rig.folder, "home")];
  for (const path of [cwd, home]) mkdirSync(path);
  const binary = await rig.binary();
  return {
    run: (args, env = {}) =>
      rig.run([binary, ...args], { cwd, env: { PATH: "/usr/bin:/bin", HOME: home, ...env } }),
    files: () => [cwd, home].flatMap(listing),
  };
}

/** 0 ok, 1 warning, 2 critical, 3 unknown only; what is merely observed does not count. */
function expectedCode({ results }: InspectionAnswer): number {
  const has = (status: string) => results.some((one) => one.status === status && !one.observe);
  return has("critical") ? 2 : has("warning") ? 1 : has("unknown") ? 3 : 0;
}

function ensureNothingLeft(room: Room, before: string[]): void {
  const left = room.files().filter((file) => !before.includes(file));
  ensure(left.length === 0, `${left.length} files left behind or changed, for example ${left[0]}`);
}

const inspect: Scenario = {
  name: "inspect-needs-nothing",
  quick: true,
  async run(rig) {
    const isRoot = process.getuid?.() === 0;
    const room = await (isRoot ? isolatedRoom(rig) : ownRoom(rig));
    const before = room.files();
    const tookMs: number[] = [];
    let answer: InspectionAnswer | null = null;
    for (let run = 0; run < RUNS; run += 1) {
      const began = performance.now();
      const ran = await room.run(["inspect", "--json"]);
      tookMs.push(performance.now() - began);
      ensureEqual(ran.stderr, "", "standard error");
      answer = JSON.parse(ran.stdout) as InspectionAnswer;
      ensureEqual(ran.code, expectedCode(answer), "exit code, by the statuses");
    }
    const { results, skipped } = answer!;
    ensure(results.length >= 10, `only ${results.length} results`);
    ensure(
      skipped.every((one) => one.reason !== ""),
      "something was skipped without a reason",
    );
    const silent = results.find((one) => one.summary === "" || one.target === "");
    ensure(silent === undefined, `${silent?.check} says nothing`);
    const broken = results.find((one) => one.summary.startsWith("no answer"));
    ensure(broken === undefined, `${broken?.check}: ${broken?.summary}`);
    ensureNothingLeft(room, before);
    // What a busy machine adds is not the inspection's: the fastest run counts.
    const fastestMs = Math.min(...tookMs);
    ensure(fastestMs <= WITHIN_MS, `the fastest of ${RUNS} inspections took ${inTime(fastestMs)}`);
    const where = isRoot ? "without network, on read-only mounts" : "in empty folders";
    return `${results.length} results, ${skipped.length} skipped, fastest ${inTime(fastestMs)}, median ${inTime(median(tookMs))}, ${where}, nothing left behind`;
  },
  /** A command that does use its data folder is seen by the same look. */
  async control(rig) {
    const room = await (process.getuid?.() === 0 ? isolatedRoom(rig) : ownRoom(rig));
    const before = room.files();
    await room.run(["key", "create", "left-behind", "--role", "viewer"]);
    ensureNothingLeft(room, before);
    return "nothing left behind";
  },
};

async function logsIn(cortex: Cortex, name: string, password = PASSWORD): Promise<number> {
  return (await cortex.api("POST", "auth/login", { name, password }, { key: null })).status;
}

/** Prints the key and nothing else, so that it can be put into a variable. */
function keyOf(ran: Ran): string {
  ensureEqual([ran.code, ran.stderr], [0, ""], "key create");
  ensure(/^cxk_[\w-]{30,}\n$/.test(ran.stdout), "key create prints more than the key, or no key");
  return ran.stdout.trim();
}

const accounts: Scenario = {
  name: "accounts-offline-and-beside",
  quick: true,
  async run(rig) {
    const dataDir = join(rig.folder, "made-by-command");
    const command = async (args: string[], stdin?: string) =>
      rig.run([await rig.binary(), ...args, "--data-dir", dataDir], {
        env: { PATH: "/usr/bin:/bin", HOME: rig.folder },
        ...(stdin === undefined ? {} : { stdin }),
      });
    const user = (name: string) =>
      command(["user", "create", name, "--role", "admin", "--password-stdin"], `${PASSWORD}\n`);

    ensure(!existsSync(dataDir), "the data folder is there before anything made it");
    const early = await user("early");
    ensureEqual(
      [early.code, early.stdout, early.stderr],
      [0, "User early (admin) created.\n", ""],
      "user create",
    );
    const earlyKey = keyOf(await command(["key", "create", "early", "--role", "viewer"]));
    ensureEqual(statSync(dataDir).mode & 0o777, 0o700, "mode of the data folder");

    const cortex = await rig.cortex({ dataDir });
    ensure(!cortex.stdout().includes("/setup#"), "a setup link although there is an admin");
    ensureEqual(await logsIn(cortex, "early"), 200, "login of the user made before the first start");
    ensureEqual(
      await logsIn(cortex, "early", "wrong horse battery staple"),
      401,
      "login with a wrong password",
    );
    const ask = async (key: string) => (await cortex.api("GET", "nodes", undefined, { key })).status;
    ensureEqual(await ask(earlyKey), 200, "the key made before the first start");

    const late = await user("late");
    ensureEqual([late.code, late.stderr], [0, ""], "user create beside the daemon");
    ensureEqual(await logsIn(cortex, "late"), 200, "login of the user made beside the daemon");
    ensureEqual(
      await ask(keyOf(await command(["key", "create", "late", "--role", "viewer"]))),
      200,
      "the key made beside the daemon",
    );

    const [node] = (await cortex.api<{ items: { id: string }[] }>("GET", "nodes")).json.items;
    const nodeKey = keyOf(await command(["key", "create", "n", "--role", "node", "--node", node!.id]));
    ensureEqual(await ask(nodeKey), 403, "a node asks for the list of nodes");

    const again = await user("late");
    ensureEqual([again.code, again.stdout], [73, ""], "a second user of that name");
    ensure(
      /^cortex: another account has this name; [^\n]+\n$/.test(again.stderr),
      `it is told: ${again.stderr}`,
    );
    ensure(
      ![early, late, again].some((ran) => (ran.stdout + ran.stderr).includes(PASSWORD)),
      "a password was printed",
    );
    return "users and keys made before the first start and beside the daemon work at once";
  },
};
export default [inspect, accounts];
