import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { createTestContext } from "../../core/testing/context.ts";
import { createRootFs } from "../../core/testing/root-fs.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import { createDeclaredPath } from "./declared-path.ts";

const root = testFolder();

test("T46 a declared link means the place behind it at the start, also when somebody turns the link later", async () => {
  for (const path of ["run/app", "var", "etc"]) mkdirSync(join(root, path), { recursive: true });
  symlinkSync("/run", join(root, "var/run"));
  const ctx = createTestContext({ plugin: "test", fs: createRootFs(root) });
  const declared = createDeclaredPath(ctx, "/var/run/app");
  expect(await declared.real()).toBe("/run/app");
  expect(ctx.logs).toMatchObject([{ level: "info", fields: { declared: "/var/run/app", real: "/run/app" } }]);
  unlinkSync(join(root, "var/run"));
  symlinkSync("/etc", join(root, "var/run"));
  expect(await declared.real()).toBe("/run/app");
});

test("a path that is no link is itself, and nothing is said", async () => {
  const ctx = createTestContext({ plugin: "test", fs: createRootFs("/") });
  expect(await createDeclaredPath(ctx, "/proc/version").real()).toBe("/proc/version");
  expect(ctx.logs).toEqual([]);
});
