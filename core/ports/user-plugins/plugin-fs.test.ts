import { beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Capability } from "cortex";
import { testFolder } from "../../testing/test-folder.ts";
import { createHostFs } from "../files/host-fs.ts";
import { createPluginFs } from "./plugin-fs.ts";

const root = testFolder();
const at = (path: string) => join(root, path);
beforeAll(() => {
  chmodSync(root, 0o755);
  for (const folder of ["open", "closed", "data"])
    mkdirSync(at(folder), { mode: folder === "closed" ? 0o700 : 0o755 });
  writeFileSync(at("open/all"), "for all", { mode: 0o644 });
  writeFileSync(at("open/own"), "for one", { mode: 0o600 });
  writeFileSync(at("open/large"), "x".repeat(2 ** 20 + 1), { mode: 0o644 });
  writeFileSync(at("closed/file"), "behind a door", { mode: 0o644 });
  writeFileSync(at("data/key"), "a secret", { mode: 0o644 });
  symlinkSync(at("data/key"), at("open/link"));
  symlinkSync(at("closed"), at("open/door"));
});

const fsWith = (...capabilities: Capability[]) =>
  createPluginFs({ fs: createHostFs("/"), hostRoot: "/", capabilities, hidden: [at("data")] });
const code = (work: Promise<unknown>) =>
  work.then(
    () => "ok",
    (error: { code?: string }) => error.code ?? String(error),
  );

describe("the host's files as a user's plugin sees them", () => {
  test("T100 fs-read gives what every user may read, whoever Cortex runs as", async () => {
    const fs = fsWith("fs-read");
    expect(await fs.readText(at("open/all"))).toBe("for all");
    expect(await fs.list(at("open"))).toContain("all");
    expect(await fs.readText("/proc/loadavg")).toContain(" ");
    for (const path of ["open/own", "closed/file", "open/door/file", "data/key", "open/link"])
      expect([path, await code(fs.readText(at(path)))]).toEqual([path, "fs.denied"]);
    for (const path of ["/etc/shadow", "/proc/self/environ", "/proc/1/mem", "/proc/self/maps"])
      expect([path, await code(fs.readText(path))]).toEqual([path, "fs.denied"]);
    expect(await code(fs.list(at("closed")))).toBe("fs.denied");
    expect(await code(fs.exists(at("closed/file")))).toBe("fs.denied");
  });

  test("T100 a declared path gives what lies below it, and nothing beside it", async () => {
    const fs = fsWith(`fs-read:${at("closed")}` as `fs-read:/${string}`);
    expect(await fs.readText(at("closed/file"))).toBe("behind a door");
    expect(await fs.readText(at("open/door/file"))).toBe("behind a door");
    expect(await code(fs.readText(at("open/all")))).toBe("fs.denied");
    expect(await code(fs.readText(at("closed/../open/all")))).toBe("fs.denied");
    expect(await fs.exists(at("closed/absent"))).toBe(false);
  });

  test("T100 Cortex's own folders stay hidden even where everything was declared", async () => {
    const fs = fsWith("fs-read", "fs-read:/");
    expect(await fs.readText(at("open/own"))).toBe("for one");
    for (const path of ["data/key", "open/link", "data"])
      expect([path, await code(fs.readText(at(path)))]).toEqual([path, "fs.denied"]);
    expect(await code(fs.stat(at("data/key")))).toBe("fs.denied");
  });

  test("what is absent is absent, and what is too large is refused with the reason", async () => {
    const fs = fsWith("fs-read");
    expect(await fs.readTextIfPresent(at("open/absent"))).toBeNull();
    expect(await code(fs.readText(at("open/absent")))).toBe("fs.not_found");
    expect(await code(fs.readText(at("open/large")))).toBe("fs.denied");
  });
});
