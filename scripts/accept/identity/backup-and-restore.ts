/**
 * R16, R69, T92, T94: backups of a running daemon that is killed while it makes them, one changed byte, and a new host that
 * comes back from nothing but a backup and the key-encryption key.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BackupItem } from "../../../core/backup/item.ts";
import { checkFiles, readManifest } from "../../../core/store/backup/read-backup.ts";
import { checkDatabase } from "../../../core/store/backup/check-database.ts";
import { createBackupHouse } from "../../../core/testing/backup-house.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { createRandom, type Random } from "../lib/random.ts";
import type { Rig } from "../lib/rig.ts";
import { plainEnv, runProgram } from "../lib/run.ts";
import type { Scenario } from "../scenario.ts";

const PASSWORD = "a pass phrase for the backup";
const SIZE_LIMIT = 2 ** 34;

/** Something to copy: a person, notes in the ledger. */
async function fill(cortex: Cortex, notes: number): Promise<void> {
  const token = /setup#(\S+)/.exec(cortex.stdout())?.[1];
  const made = await cortex.api(
    "POST",
    "auth/setup",
    { token, name: "anna", password: PASSWORD },
    { key: null },
  );
  ensure(made.status < 300, `setup answers ${made.status} ${made.text}`);
  for (let index = 0; index < notes; index += 1) {
    const text = `${index} ${"x".repeat(4000)}`;
    await cortex.api("POST", "intents", { kind: "note", summary: `note ${index}`, text });
  }
}

async function isWhole(cortex: Cortex, backup: string): Promise<boolean> {
  const { stdout, stderr, code } = await cortex.cli("backup", "verify", backup, "--json");
  ensure(code === 0 || code === 1, `verify ends with ${code}: ${stderr}`);
  return (JSON.parse(stdout) as { ok: boolean }).ok;
}

/** Killed at any moment, what is in the list is whole, and the one before is still there. */
async function killedMeanwhile(cortex: Cortex, random: Random, rounds: number): Promise<number> {
  const startedAt = performance.now();
  const first = (await cortex.cli("backup", "--json")).stdout;
  const tookMs = performance.now() - startedAt;
  const { name } = JSON.parse(first) as BackupItem;
  let cut = 0;
  for (let round = 0; round < rounds; round += 1) {
    const running = cortex.api("POST", "backups", {}).catch(() => null);
    await Bun.sleep(random.between(0, tookMs));
    await cortex.kill();
    const answer = await running;
    if (answer?.status !== 201) cut += 1;
    const { items, damaged } = JSON.parse((await cortex.cli("backup", "list", "--json")).stdout) as {
      items: BackupItem[];
      damaged: unknown[];
    };
    ensureEqual(damaged, [], "damaged backups in the list after a kill");
    ensure(
      items.some((one) => one.name === name),
      "the backup from before the kills is gone",
    );
    ensure(await isWhole(cortex, items[0]!.name), `the newest backup after kill ${round} is not whole`);
    await cortex.restart();
  }
  ensure(await isWhole(cortex, name), "the first backup is not whole any more");
  // What the killed ones left is gone with the next.
  await cortex.cli("backup");
  const rest = readdirSync(join(cortex.dataDir, "backups")).filter((one) => one.startsWith("."));
  ensureEqual(rest, [], "what killed backups left behind");
  ensure(cut > 0, "no kill came while a backup was made");
  return cut;
}

/** One byte, anywhere: returns how many of the changes went unseen. */
async function flips(
  folder: string,
  random: Random,
  rounds: number,
  seen: (folder: string) => Promise<boolean>,
): Promise<number> {
  const files = readdirSync(folder).map((file) => ({ file, size: statSync(join(folder, file)).size }));
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let unseen = 0;
  for (let round = 0; round < rounds; round += 1) {
    let left = Math.floor(random.between(0, total));
    const { file } = files.find(({ size }) => (left -= size) < 0)!;
    const content = readFileSync(join(folder, file));
    const changed = Buffer.from(content);
    const at = Math.floor(random.between(0, content.length));
    changed[at] = changed[at]! ^ (1 + Math.floor(random.between(0, 255)));
    writeFileSync(join(folder, file), changed);
    if (!(await seen(folder))) unseen += 1;
    writeFileSync(join(folder, file), content);
  }
  return unseen;
}

/** From the backup and the key alone to a Monitor that serves; seconds. */
async function onNewHost(rig: Rig, lost: Cortex, backup: string): Promise<number> {
  const lostKey = join(lost.dataDir, "../kek");
  const kek = rig.file("new/kek", readFileSync(lostKey, "utf8"), 0o600);
  const dataDir = join(rig.folder, "new/data");
  const env = { CORTEX_SECRETS__KEY_FILE: kek };
  const startedAt = performance.now();
  const config = rig.file("new/config.yaml", "{}");
  const args = ["restore", backup, "--data-dir", dataDir, "--config", config];
  const restored = await runProgram([lost.binary, ...args], { env: { ...plainEnv(), ...env } });
  ensureEqual([restored.code, restored.stderr], [0, ""], `restore says ${restored.stdout}`);
  const cortex = await rig.cortex({ dataDir, env });
  const seconds = (performance.now() - startedAt) / 1000;
  const login = { name: "anna", password: PASSWORD };
  ensureEqual((await cortex.api("POST", "auth/login", login, { key: null })).status, 200, "anna signs in");
  for (const what of ["intents/verify", "audit/verify"]) {
    const { json } = await cortex.api<{ ok: boolean; entries: number }>("GET", what);
    ensure(json.ok && json.entries > 0, `${what} on the new host: ${JSON.stringify(json)}`);
  }
  const audit = await cortex.api<{ items: unknown[] }>("GET", "audit?kind=backup.restored");
  ensureEqual(audit.json.items.length, 1, "entries about the restore");
  const again = await runProgram([lost.binary, ...args], { env: { ...plainEnv(), ...env } });
  ensureEqual(
    [again.code, again.stderr.includes("stop it first")],
    [73, true],
    `restore meanwhile: ${again.stderr}`,
  );
  await cortex.stop();
  return seconds;
}

async function run(rig: Rig): Promise<string> {
  const random = createRandom();
  const cortex = await rig.cortex();
  await fill(cortex, rig.quick ? 200 : 2000);
  const kills = await killedMeanwhile(cortex, random, rig.quick ? 5 : 25);
  const to = join(rig.folder, "off-host");
  const { copied, bytes } = JSON.parse((await cortex.cli("backup", "--to", to, "--json")).stdout) as {
    copied: string;
    bytes: number;
  };
  const rounds = rig.quick ? 8 : 40;
  const unseen = await flips(copied, random, rounds, async (folder) => !(await isWhole(cortex, folder)));
  ensureEqual(unseen, 0, `changed bytes that verify did not see (seed ${random.seed})`);
  await cortex.kill();
  const seconds = await onNewHost(rig, cortex, copied);
  // Gone for good: nothing of the lost host is needed any more.
  rmSync(cortex.dataDir, { recursive: true });
  const mb = (bytes / 2 ** 20).toFixed(1);
  return `${kills} backups killed, ${rounds} changed bytes seen, serving on a new host after ${seconds.toFixed(1)} s (${mb} MB)`;
}

/** What SQLite itself says, without the hashes of the manifest. */
async function control(rig: Rig): Promise<string> {
  const house = createBackupHouse(join(rig.folder, "data"));
  for (let index = 0; index < 50; index += 1) house.note(`note ${index} ${"x".repeat(2000)}`);
  const folder = join(rig.folder, "copy");
  mkdirSync(folder);
  cpSync(await house.backup(), folder, { recursive: true });
  const manifest = readManifest(folder);
  checkFiles(folder, manifest, SIZE_LIMIT);
  const seen = async () => {
    try {
      for (const name of ["agent.db", "monitor.db"] as const)
        await checkDatabase(join(folder, name), name, manifest);
      return false;
    } catch {
      return true;
    }
  };
  const unseen = await flips(folder, createRandom(1), 20, seen);
  ensureEqual(unseen, 0, "changed bytes that were not seen");
  return "all seen";
}

const scenario: Scenario = {
  name: "backup-and-restore",
  quick: true,
  timeoutMs: 300_000,
  threats: ["T92", "T94"],
  run,
  control,
};
export default scenario;
