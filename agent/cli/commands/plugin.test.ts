import { beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { repairLine } from "./plugin.ts";
import { diskFolder } from "../../../core/testing/test-folder.ts";

let dir = "";
beforeEach(() => {
  dir = diskFolder();
});

async function cortex(...args: string[]) {
  const main = resolve(import.meta.dir, "../../main.ts");
  const child = Bun.spawn(
    [process.execPath, main, "plugin", ...args, "--plugins-dir", join(dir, "plugins")],
    {
      cwd: dir,
      env: { PATH: "/usr/bin:/bin", HOME: dir, USER: "ada" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}
const lock = () => JSON.parse(readFileSync(join(dir, "plugins.lock"), "utf8"));

test("the trial of a plugin names what of its repairs is written in vain", () => {
  const facts = { name: "mine.fix", version: 2, summary: "s", class: "R2", remedies: ["mine.bad"] } as const;
  const line = (ignored: string[]) =>
    repairLine({ ...facts, remedies: [...facts.remedies], hasPreconditions: false, ignored });
  expect(line([])).toBe("repair mine.fix@2 R2, helps against mine.bad");
  expect(line(["undo", "verify"])).toEndWith("; not run in a plugin of your own: undo, verify");
});

describe("a plugin of one's own, from the first line to the allow-list", () => {
  test("what `plugin new` makes passes its own test, and is readable for the user Cortex runs as", async () => {
    expect((await cortex("new", "my-queue")).code).toBe(0);
    const { code, out } = await cortex("test", "my-queue");
    expect(out).toContain("ok case a-few-files-wait");
    expect(code).toBe(0);
    expect(statSync(join(dir, "plugins/my-queue/index.ts")).mode & 0o777).toBe(0o644);
    expect((await cortex("new", "my-queue")).err).toContain("exists already");
    expect((await cortex("new", "../out")).err).toContain("is no plugin name");
  }, 30_000);

  test("a case that comes out differently is shown with both sides, exit 1", async () => {
    await cortex("new", "my-queue");
    writeFileSync(join(dir, "plugins/my-queue/testcases/a-few-files-wait/root/spool/three"), "");
    const { code, out } = await cortex("test", "my-queue");
    expect([code, out.includes("failed case a-few-files-wait"), out.includes("expected")]).toEqual([
      1,
      true,
      true,
    ]);
  }, 30_000);

  test("the next steps that `plugin new` prints name the folder where it was named", async () => {
    expect((await cortex("new", "next-step")).out).toContain(
      `cortex plugin test next-step --plugins-dir ${join(dir, "plugins")}\n`,
    );
  }, 30_000);

  test("T98 allowing shows hashes and rights, wants a yes, and is taken back by revoke", async () => {
    await cortex("new", "my-queue");
    const asked = await cortex("allow", "my-queue");
    expect([asked.code, asked.err.includes("--yes")]).toEqual([64, true]);
    expect(asked.out).toContain("It may touch: fs-read");
    expect((await cortex("allow", "my-queue", "--yes")).code).toBe(0);
    expect(lock().plugins["my-queue"]).toMatchObject({
      version: "1.0.0",
      permissions: ["fs-read"],
      allowed_by: "ada",
    });
    expect(Object.keys(lock().plugins["my-queue"].files)).toEqual(["index.ts"]);
    expect((await cortex("revoke", "my-queue")).code).toBe(0);
    expect(lock().plugins).toEqual({});
    expect((await cortex("revoke", "my-queue")).err).toContain("there are: none");
  }, 30_000);

  test("a bundle has one file that works as the plugin did, and its hash is printed", async () => {
    await cortex("new", "my-queue");
    const { out } = await cortex("build", "my-queue", "--outdir", join(dir, "out"));
    const [hash, file] = out.trim().split(/\s+/) as [string, string];
    expect(hash).toBe(new Bun.CryptoHasher("sha256").update(readFileSync(file)).digest("hex"));
    expect((await cortex("test", join(dir, "out/my-queue"))).code).toBe(0);
    appendFileSync(join(dir, "plugins/my-queue/index.ts"), "\nconst a = ;");
    expect((await cortex("build", "my-queue")).err).toContain("can't be built");
  }, 30_000);
});
