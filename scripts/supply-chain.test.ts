import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bill, readLock, readPackage, shipped } from "./build/sbom.ts";
import { rootDir } from "./lib/tree.ts";

const lock = readLock();
/** Raised by a commit of its own, with the reason: each package is somebody else who can break in. */
const MOST_SHIPPED = 81;
const MOST_LOCKED = 480;

describe("what comes from others", () => {
  test("T102 versions are exact, and no package but the runtime may run a script when it is installed", () => {
    const { dependencies, devDependencies } = readPackage();
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
    const { trustedDependencies } = JSON.parse(readFileSync(join(rootDir, "package.json"), "utf8"));
    expect(trustedDependencies).toEqual(["bun"]);
  });

  test("T102 installing never changes the lock file", () => {
    const installer = readFileSync(join(rootDir, "scripts/bootstrap/dependencies.mjs"), "utf8");
    expect(installer).toContain(`["install", "--frozen-lockfile"]`);
  });

  test("T102 there are not more packages than the budget", () => {
    expect(shipped(lock).size).toBeLessThanOrEqual(MOST_SHIPPED);
    expect(lock.size).toBeLessThanOrEqual(MOST_LOCKED);
  });

  test("T102 the bill of materials names every package with its hash, and is the same each time", () => {
    const { components } = JSON.parse(bill()) as {
      components: { name: string; scope: string; hashes?: unknown[] }[];
    };
    expect(components).toHaveLength(lock.size);
    expect(components.filter((one) => one.hashes === undefined)).toEqual([]);
    const scopeOf = (name: string) => components.find((one) => one.name === name)?.scope;
    expect([scopeOf("elysia"), scopeOf("solid-js"), scopeOf("knip")]).toEqual([
      "required",
      "required",
      "excluded",
    ]);
    expect(bill()).toBe(bill());
  });
});
