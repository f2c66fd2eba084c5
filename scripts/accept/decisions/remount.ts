/**
 * A real ext4 file system was left read-only: writing is given back after a yes. One whose kernel stopped writing after an
 * error is left alone, and nobody is even asked.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import type { Scenario } from "../scenario.ts";
import { approvedOnce, askingConfig, ensureHeld, must } from "./asking.ts";

async function fileSystem(rig: Rig, name: string) {
  const image = join(rig.folder, `${name}.img`);
  const path = join(rig.folder, name);
  mkdirSync(path);
  await must(rig, ["truncate", "-s", "16M", image]);
  await must(rig, ["mkfs.ext4", "-q", image]);
  await must(rig, ["mount", "-o", "loop,nosuid,errors=remount-ro", image, path]);
  rig.atEnd(async () => void (await rig.run(["umount", path])));
  const device = await must(rig, ["findmnt", "--noheadings", "--output", "SOURCE", path]);
  const cortex = await rig.cortex({
    config: askingConfig({
      // Loop devices are used again and again: the log tells of errors of other runs.
      remount: { quiet_for: "1s" },
      filesystems: { fs_readonly: { interval: "1s", confirm: "1s", writable: [path] } },
    }),
  });
  return { path, device: basename(device), cortex };
}

const options = (path: string) =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .find((line) => line.includes(` ${path} `)) ?? "";

async function leftReadOnly(rig: Rig): Promise<string> {
  const { path, cortex } = await fileSystem(rig, "data");
  await must(rig, ["mount", "-o", "remount,ro", path]);
  const { decision, doneMs } = await approvedOnce(cortex, "fs.remount", () =>
    / rw,.* rw,/.test(options(path)),
  );
  ensureEqual(decision.plan?.effects, [{ kind: "mount", verb: "remount", path }], "effects");
  ensure(options(path).includes("nosuid"), "another option of the mount was lost");
  writeFileSync(join(path, "x"), "written");
  return inTime(doneMs);
}

/** `isBroken`: whether the kernel meets an error before the file system is read-only. */
async function broken(rig: Rig, isBroken: boolean): Promise<string> {
  const { path, device, cortex } = await fileSystem(rig, "broken");
  if (isBroken) writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, "1");
  else await must(rig, ["mount", "-o", "remount,ro", path]);
  const why = await ensureHeld(cortex, "fs_readonly", "the file system is broken");
  ensure(/emergency_ro| rw,\S* - ext4 \S+ ro,/.test(options(path)), "it was written again");
  return why;
}

const scenario: Scenario = {
  name: "remount",
  quick: false,
  timeoutMs: 180_000,
  needs: ["e2fsprogs"],
  async run(rig) {
    const doneIn = await leftReadOnly(rig);
    const why = await broken(rig, true);
    ensure(why.includes("after an error"), `it was held because ${why}`);
    return `ext4 left read-only waited, was writable ${doneIn} after the yes, verified; one with an error was left alone, nobody asked`;
  },
  control: (rig) => broken(rig, false),
};
export default scenario;
