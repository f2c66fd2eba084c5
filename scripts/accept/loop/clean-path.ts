/** A full file system: old files in a configured folder go, and nothing else; where nothing may go, a person is told. */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { IntentItem, ProblemItem } from "../../../core/monitor/items.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

const SIZE = "32m";
const FILE_BYTES = 100 * 1024;
const FULL = 0.97;
/** A file's change time can't be set back, so that the folder's age is what these files reach by waiting. */
const AGE_MS = 3000;
const FORTY_DAYS_AGO = () => Date.now() / 1000 - 40 * 86_400;

const config = (cleaned: string, full: string, enabled: boolean) => ({
  engine: { boot_grace: "0s" },
  verify: { stable: "1s", watch: "0s", interval: "250ms" },
  policy: { boot_guard: "0s", clean_roots: [cleaned, full] },
  plugins: {
    filesystems: { include: [cleaned, full], fs_space: { interval: "1s", confirm: "1s" } },
    "temp-files": {
      enabled,
      paths: [
        { path: cleaned, age: `${AGE_MS / 1000}s`, exclude: ["keep"] },
        { path: full, age: "10d" },
      ],
    },
  },
});

async function mounted(rig: Rig, name: string): Promise<string> {
  const path = join(rig.folder, name);
  mkdirSync(path);
  const mount = await rig.run(["/usr/bin/mount", "-t", "tmpfs", "-o", `size=${SIZE},mode=0755`, name, path]);
  if (mount.code !== 0) throw new Error(`no tmpfs could be mounted (root is needed): ${mount.stderr.trim()}`);
  // Lazily: processes of the scenario still have files open in it.
  rig.atEnd(async () => void (await rig.run(["/usr/bin/umount", "-l", path])));
  return path;
}

const usedRatio = (path: string): number => {
  const { blocks, bavail } = statfsSync(path);
  return (blocks - bavail) / blocks;
};
const freeBytes = (path: string): number => {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
};

const old = (path: string, content: Uint8Array | string = "old") => {
  writeFileSync(path, content);
  utimesSync(path, FORTY_DAYS_AGO(), FORTY_DAYS_AGO());
};

/** Old files at two depths until it is full; answers how many. */
function fill(path: string): number {
  const content = new Uint8Array(FILE_BYTES).fill(7);
  let count = 0;
  for (let folder = 0; usedRatio(path) < FULL; folder += 1) {
    const at = folder === 0 ? path : join(path, `session-${folder}`);
    mkdirSync(at, { recursive: true });
    for (let file = 0; file < 50 && usedRatio(path) < FULL; file += 1, count += 1)
      old(join(at, `cache ${file}.bin`), content);
  }
  return count;
}

const pythonStays = (code: string, ...args: string[]) => ["/usr/bin/python3", "-c", code, ...args];

/** Everything below the cleaned folder that must still be there afterwards, byte for byte. */
function precious(rig: Rig, path: string): () => void {
  const outside = rig.file("outside/letter.txt", "not yours");
  const contents = new Map([[outside, "not yours"]]);
  mkdirSync(join(path, "keep"));
  for (const name of ["keep/excluded", "hard-1", "open.bin"]) {
    old(join(path, name), name);
    contents.set(join(path, name), name);
  }
  linkSync(join(path, "hard-1"), join(path, "hard-2"));
  contents.set(join(path, "hard-2"), "hard-1");
  symlinkSync(outside, join(path, "link"));
  symlinkSync(join(rig.folder, "outside"), join(path, "link-to-folder"));
  rig.spawn(pythonStays("import sys,time\nf=open(sys.argv[1])\ntime.sleep(600)", join(path, "open.bin")));
  const fresh = join(path, "fresh.log");
  writeFileSync(fresh, "");
  rig.spawn(
    pythonStays("import sys,time\nwhile 1:\n open(sys.argv[1],'w').write('x')\n time.sleep(.2)", fresh),
  );
  return () => {
    for (const [file, content] of contents)
      ensureEqual(existsSync(file) && readFileSync(file, "utf8"), content, `content of ${file}`);
    for (const name of ["fresh.log", "link", "link-to-folder"])
      ensure(readdirSync(path).includes(name), `${name} was removed`);
  };
}

/** One user's own file, being written: root makes and opens it, then the process becomes nobody. */
const WRITER = `
import os,sys,time
fd=os.open(sys.argv[1],os.O_RDWR|os.O_CREAT,0o600)
os.fchown(fd,65534,65534); os.setgroups([]); os.setgid(65534); os.setuid(65534)
left=int(sys.argv[2])
while left>0: left-=os.write(fd,b"d"*min(left,65536))
print("full",flush=True)
while True:
  os.pwrite(fd,b"D",0); time.sleep(.3)
`;

async function problemOf(cortex: Cortex, target: string): Promise<ProblemItem | undefined> {
  const { json } = await cortex.api<{ items: ProblemItem[] }>("GET", "problems?check=fs_space&limit=100");
  return json.items.find((one) => one.target === target);
}
async function intentsOf(cortex: Cortex, target: string): Promise<IntentItem[]> {
  const { json } = await cortex.api<{ items: IntentItem[] }>("GET", "intents?kind=repair&limit=100");
  return json.items.filter((one) => one.target === target);
}

async function clean(rig: Rig, enabled: boolean): Promise<string> {
  const [cleaned, full] = [await mounted(rig, "cleaned"), await mounted(rig, "full")];
  const assertPrecious = precious(rig, cleaned);
  const files = fill(cleaned);
  const data = join(full, "user.db");
  const dataBytes = Math.floor(freeBytes(full) * 0.98);
  rig.spawn(pythonStays(WRITER, data, String(dataBytes)));
  await until(() => usedRatio(full) > FULL && usedRatio(full), {
    what: "the user's file fills it",
    timeoutMs: 5000,
  });
  const freeBefore = freeBytes(cleaned);
  await pause(AGE_MS);
  const began = performance.now();
  const cortex = await rig.cortex({ config: config(cleaned, full, enabled) });

  const intent = await until(
    async () => (await intentsOf(cortex, cleaned)).find((one) => one.state === "verified"),
    { what: "the cleaning is verified", timeoutMs: enabled ? 30_000 : 8000, everyMs: 100 },
  );
  const tookMs = performance.now() - began;
  ensureEqual([intent.repair, intent.level, intent.class], ["temp.clean", "L1", "R1"], "repair");
  const promised = intent.plan?.promise?.freedBytes ?? 0;
  const freed = freeBytes(cleaned) - freeBefore;
  ensure(promised > 0.9 * files * FILE_BYTES, `it promised only ${promised} bytes for ${files} files`);
  ensure(freed >= 0.8 * promised, `freed ${freed} of ${promised} promised bytes`);
  const problem = await until(
    async () => {
      const found = await problemOf(cortex, cleaned);
      return found?.state === "resolved" && found;
    },
    { what: "the problem is resolved", timeoutMs: 10_000 },
  );
  ensureEqual(problem.id, intent.problemId, "problem of the intent");
  ensureEqual((await intentsOf(cortex, cleaned)).length, 1, "intents for the cleaned folder");
  assertPrecious();

  const left = await problemOf(cortex, full);
  ensure(left !== undefined, "no problem for the file system that the user filled");
  ensureEqual([left.state, left.level, left.guards.hold], ["open", "L3", "no_repair"], "the user's problem");
  ensureEqual((await intentsOf(cortex, full)).length, 0, "intents for the user's file system");
  const content = readFileSync(data);
  ensure(
    content.length === dataBytes && content.every((byte) => byte === 68 || byte === 100),
    "the user's file changed",
  );
  ensureEqual((await cortex.cli("intents", "verify")).code, 0, "exit code of intents verify");
  const share = ((100 * freed) / promised).toFixed(0);
  return `${files} old files removed, ${share} % of the promise, verified after ${inTime(tookMs)}; a user's open file left alone, L3`;
}

const scenario: Scenario = {
  name: "clean-path",
  quick: true,
  timeoutMs: 90_000,
  run: (rig) => clean(rig, true),
  // Nothing but the cleaner makes the room.
  control: (rig) => clean(rig, false),
};
export default scenario;
