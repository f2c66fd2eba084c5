import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../../testing/test-folder.ts";
import { createHostFs } from "./host-fs.ts";
import { hostPath } from "./host-path.ts";

const root = testFolder();
for (const dir of ["proc", "etc", "run/systemd", "data"]) mkdirSync(join(root, dir), { recursive: true });
writeFileSync(join(root, "run/systemd/resolv.conf"), "nameserver 192.0.2.1\n");
symlinkSync("/run/systemd/resolv.conf", join(root, "etc/resolv.conf"));
symlinkSync("../../../../../../etc/passwd", join(root, "etc/escape"));
symlinkSync("loop", join(root, "etc/loop"));
const inRoot = (path: string, text: string) => writeFileSync(join(root, path), text);

test("readings of /proc are shared within a tick and fresh in the next", async () => {
  const fs = createHostFs(root);
  inRoot("proc/loadavg", "1");
  expect(await fs.readText("/proc/loadavg")).toBe("1");
  inRoot("proc/loadavg", "2");
  expect(await fs.readText("/proc/loadavg")).toBe("1");
  fs.beginTick();
  expect(await fs.readText("/proc/loadavg")).toBe("2");
});

test("what does not exist is shared as well, and a shared list can't be spoilt by its reader", async () => {
  const fs = createHostFs(root);
  expect(fs.readText("/proc/later")).rejects.toMatchObject({ code: "fs.not_found" });
  inRoot("proc/later", "here");
  expect(await fs.readTextIfPresent("/proc/later")).toBeNull();
  fs.beginTick();
  expect(await fs.readTextIfPresent("/proc/later")).toBe("here");
  (await fs.list("/proc")).length = 0;
  expect(await fs.list("/proc")).toContain("later");
});

test("files outside /proc and /sys are read anew each time", async () => {
  const fs = createHostFs(root);
  inRoot("data/value", "1");
  expect(await fs.readText("/data/value")).toBe("1");
  inRoot("data/value", "2");
  expect(await fs.readText("/data/value")).toBe("2");
});

test("an absolute link means the inspected host, and no link leads out of it", async () => {
  const fs = createHostFs(root);
  expect(await fs.readText("/etc/resolv.conf")).toBe("nameserver 192.0.2.1\n");
  expect(await fs.readLink("/etc/resolv.conf")).toBe("/run/systemd/resolv.conf");
  expect((await fs.stat("/etc/resolv.conf")).kind).toBe("symlink");
  expect(hostPath(root, "/etc/escape")).toBe(join(root, "etc/passwd"));
  expect(fs.readText("/etc/../../../../etc/passwd")).rejects.toMatchObject({ code: "fs.not_found" });
  expect(fs.readText("/etc/loop")).rejects.toMatchObject({ code: "fs.unreadable" });
});

test("a folder read as a file is unreadable, a file read as a folder is not found", async () => {
  const fs = createHostFs(root);
  expect(fs.readText("/data")).rejects.toMatchObject({ code: "fs.unreadable" });
  inRoot("data/value", "1");
  expect(fs.list("/data/value")).rejects.toMatchObject({ code: "fs.not_found" });
});

test("usage counts bytes and inodes of a file system", async () => {
  const usage = await createHostFs().usage("/");
  expect(usage.totalBytes).toBeGreaterThan(usage.freeBytes);
  expect(usage.freeBytes).toBeGreaterThanOrEqual(usage.availableBytes);
  expect(createHostFs(root).usage("/nowhere")).rejects.toMatchObject({ code: "fs.not_found" });
});

test("a mount that never answers runs into the time-out and costs one thread, however often it is asked", async () => {
  let calls = 0;
  const fs = createHostFs("/", ((): Promise<never> => {
    calls += 1;
    return new Promise(() => undefined);
  }) as never);
  expect(fs.usage("/mnt/dead", 5)).rejects.toMatchObject({ code: "fs.timeout" });
  await fs.usage("/mnt/dead", 5).catch(() => undefined);
  expect(calls).toBe(1);
});

test("the kernel's own files and magic links can be read", async () => {
  const fs = createHostFs();
  expect(await fs.readText("/proc/self/comm")).not.toBe("");
  expect(await fs.readLink("/proc/self/exe")).toBe(process.execPath);
  expect((await fs.stat("/dev/null")).kind).toBe("char");
  expect(await fs.exists("/proc/999999999")).toBe(false);
});
