/** Real files, real packages below a root of their own, and a real mount where the test may mount. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { HostAct } from "cortex";
import { diskFolder } from "../../testing/test-folder.ts";
import { createExec } from "../processes/exec.ts";
import { createActs } from "./acts.ts";
import { deviceAt } from "./remount.ts";

const isRoot = process.getuid?.() === 0;
const folder = diskFolder();

const acts = createActs({ exec: createExec(), isRoot, hostRoot: "/" });
const run = (act: HostAct) => acts.run(act, new AbortController().signal);
const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("replace_file", () => {
  const OLD = "listen 80;\n";
  const NEW = "listen 81;\n";
  const GREP = ["/usr/bin/grep", "-q", "listen", "{file}"];
  let count = 0;
  const fileWith = (text = OLD) => {
    const place = join(folder, `files-${(count += 1)}`);
    mkdirSync(place);
    const path = join(place, "site.conf");
    writeFileSync(path, text);
    chmodSync(path, 0o640);
    return path;
  };
  const replace = (path: string, more: Partial<Extract<HostAct, { verb: "replace_file" }>> = {}) =>
    run({ verb: "replace_file", path, expect: sha256(OLD), text: NEW, test: GREP, dry: false, ...more });

  test("the new text is there at once, with the owner and mode that the file had", async () => {
    const path = fileWith();
    if (isRoot) chownSync(path, 12_345, 12_346);
    const before = statSync(path);
    expect(await replace(path)).toMatchObject({ ok: true });
    const after = statSync(path);
    expect(readFileSync(path, "utf8")).toBe(NEW);
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
    expect(after.ino).not.toBe(before.ino);
    expect(readdirSync(join(path, ".."))).toEqual(["site.conf"]);
  });

  test("a text that does not pass its test changes nothing and leaves nothing behind", async () => {
    const path = fileWith();
    const outcome = await replace(path, { text: "lisen 81;\n" });
    expect(outcome).toMatchObject({ ok: false, summary: expect.stringContaining("does not pass its test") });
    expect(readFileSync(path, "utf8")).toBe(OLD);
    expect(readdirSync(join(path, ".."))).toEqual(["site.conf"]);
  });

  test("a dry run only tests, beside the file", async () => {
    const path = fileWith();
    expect(await replace(path, { dry: true })).toMatchObject({ ok: true });
    expect(readFileSync(path, "utf8")).toBe(OLD);
  });

  test("a test that does not look at the new text is refused", async () => {
    expect(await replace(fileWith(), { test: ["/usr/bin/true"] })).toMatchObject({ ok: false });
  });

  test("T46 a file that was changed meanwhile is not overwritten", async () => {
    const path = fileWith("somebody's own\n");
    const outcome = await replace(path);
    expect(outcome.summary).toContain("was changed meanwhile");
    expect(readFileSync(path, "utf8")).toBe("somebody's own\n");
  });

  test("T46 a link in place of the file or of a folder leads nowhere", async () => {
    const path = fileWith();
    const link = join(folder, "link.conf");
    symlinkSync(path, link);
    expect(await replace(link)).toMatchObject({ ok: false });
    const place = join(folder, "linked");
    symlinkSync(join(path, ".."), place);
    expect((await replace(join(place, "site.conf"))).summary).toContain("without following links");
    expect(readFileSync(path, "utf8")).toBe(OLD);
  });

  test("T46 a second name of another file is not written through", async () => {
    const path = fileWith();
    linkSync(path, join(folder, "second-name"));
    expect((await replace(path)).summary).toContain("hard links");
  });
});

describe.skipIf(!isRoot || !existsSync("/usr/bin/dpkg-deb"))("install_package", () => {
  const root = join(folder, "system");
  const NAME = "cortex-test-package";
  const files: Record<string, string> = {};

  beforeAll(() => {
    for (const path of ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log"])
      mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, "var/lib/dpkg/status"), "");
    for (const version of ["1.0", "2.0"]) {
      const tree = join(folder, `tree-${version}`);
      mkdirSync(join(tree, "DEBIAN"), { recursive: true });
      mkdirSync(join(tree, "opt/cortex-test"), { recursive: true });
      const fields = `Package: ${NAME}\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@localhost>\nDescription: test\n`;
      writeFileSync(join(tree, "DEBIAN/control"), fields);
      writeFileSync(join(tree, "opt/cortex-test/version"), version);
      files[version] = join(folder, `${NAME}_${version}_all.deb`);
      execFileSync("/usr/bin/dpkg-deb", ["--build", "--root-owner-group", tree, files[version]], {
        stdio: "ignore",
      });
    }
    execFileSync("/usr/bin/dpkg", [`--root=${root}`, "--log=/dev/null", "--install", files["2.0"]!], {
      stdio: "ignore",
    });
  });
  const wanted = (version: string, from: string) => ({
    verb: "install_package" as const,
    file: files[version]!,
    sha256: sha256(readFileSync(files[version]!)),
    name: NAME,
    version,
    from,
    root,
  });
  const content = () => readFileSync(join(root, "opt/cortex-test/version"), "utf8");

  test("an older version takes the place of the newer one, and the newer one its place again", async () => {
    expect(await run(wanted("1.0", "2.0"))).toMatchObject({ ok: true, data: { from: "2.0", to: "1.0" } });
    expect(content()).toBe("1.0");
    expect(await run(wanted("2.0", "1.0"))).toMatchObject({ ok: true });
    expect(content()).toBe("2.0");
  });

  test("T46 a file that is another one by now is not installed", async () => {
    const outcome = await run({ ...wanted("1.0", "2.0"), sha256: "0".repeat(64) });
    expect(outcome.summary).toContain("is not the file that was looked at");
    expect(content()).toBe("2.0");
  });

  test("a file of another package or version, and another installed version, are refused", async () => {
    expect((await run({ ...wanted("1.0", "2.0"), name: "bash" })).ok).toBe(false);
    expect((await run({ ...wanted("1.0", "2.0"), version: "1.1" })).summary).toContain("holds");
    expect((await run(wanted("1.0", "3.0"))).summary).toContain("and no longer 3.0");
    expect(content()).toBe("2.0");
  });
});

describe.skipIf(!isRoot)("remount", () => {
  const path = join(folder, "mount point");
  let mounted = false;
  beforeAll(() => {
    mkdirSync(path);
    try {
      execFileSync("/usr/bin/mount", ["-t", "tmpfs", "-o", "ro,nosuid,size=1m", "cortex-test", path], {
        stdio: "ignore",
      });
      mounted = true;
    } catch {
      // A container without the right to mount.
    }
  });
  afterAll(() => {
    if (mounted) execFileSync("/usr/bin/umount", [path]);
  });
  const info = () => readFileSync("/proc/self/mountinfo", "utf8");
  const line = () =>
    info()
      .split("\n")
      .find((one) => one.includes(`${folder}/mount\\040point`)) ?? "";

  test("write access comes and goes, and no other option with it", async () => {
    if (!mounted) return;
    const device = deviceAt(info(), path)!;
    expect(await run({ verb: "remount", path, access: "rw", device })).toMatchObject({ ok: true });
    writeFileSync(join(path, "x"), "");
    expect(line()).toMatch(/ rw,nosuid.* rw,/);
    expect(await run({ verb: "remount", path, access: "ro", device })).toMatchObject({ ok: true });
    expect(line()).toMatch(/ ro,nosuid.* ro,/);
  });

  test("another file system at the same place is not touched", async () => {
    if (!mounted) return;
    const before = line();
    expect((await run({ verb: "remount", path, access: "rw", device: "1:99" })).ok).toBe(false);
    expect((await run({ verb: "remount", path: folder, access: "rw", device: "1:99" })).summary).toContain(
      "not mounted",
    );
    expect(line()).toBe(before);
  });
});

test("what needs root is said where there is none, and nothing is tried", async () => {
  const poor = createActs({ exec: createExec(), isRoot: false, hostRoot: "/" });
  expect(poor.missing("remount")).toContain("does not run as root");
  const act = { verb: "remount", path: "/", access: "ro", device: "1:1" } as const;
  expect((await poor.run(act, new AbortController().signal)).ok).toBe(false);
});

test("another host's files are not changed from here", () => {
  const elsewhere = createActs({ exec: createExec(), isRoot: true, hostRoot: "/host" });
  expect(elsewhere.missing("replace_file")).toContain("host_root is /host");
});

test("T41 what does not fit the schema of its verb is refused before anything is looked at", () => {
  const act = { verb: "remount", path: "relative", access: "rw", device: "1:1" } as const;
  expect(run(act)).rejects.toMatchObject({ code: "acts.invalid" });
  const shell = { verb: "install_package", name: "x; reboot" } as unknown as HostAct;
  expect(run(shell)).rejects.toMatchObject({ code: "acts.invalid" });
});
