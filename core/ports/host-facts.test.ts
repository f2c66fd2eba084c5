import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../testing/test-folder.ts";
import { parseOsName, parseTicksPerSecond, readHostFacts } from "./host-facts.ts";
import { createIds } from "./ids.ts";

test("the facts of this machine are plausible", () => {
  const facts = readHostFacts();
  expect(facts.bootId).toMatch(/^[0-9a-f-]{36}$/);
  expect(facts.cpuCount).toBeGreaterThan(0);
  expect(facts.memoryBytes).toBeGreaterThan(2 ** 26);
  expect(facts.tickMs).toBe(10);
  expect(facts.uptimeMs()).toBeGreaterThan(0);
});

test("name and system of another root are the inspected host's", () => {
  const root = testFolder();
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc/hostname"), "web-1\n");
  writeFileSync(join(root, "etc/os-release"), 'ID=alpine\nPRETTY_NAME="Alpine Linux v3.22"\n');
  expect(readHostFacts(root)).toMatchObject({ hostname: "web-1", os: "Alpine Linux v3.22" });
  rmSync(join(root, "etc"), { recursive: true });
  expect(readHostFacts(root).os).toBe("Linux");
});

test("os-release values may be quoted either way or not at all", () => {
  expect(parseOsName("PRETTY_NAME='Void'")).toBe("Void");
  expect(parseOsName("NAME=x\nPRETTY_NAME=Arch Linux\n")).toBe("Arch Linux");
  expect(parseOsName('PRETTY_NAME="A \\"B\\" C"')).toBe('A "B" C');
  expect(parseOsName("ID=x")).toBeNull();
});

test("clock ticks come from the auxiliary vector", () => {
  const words = new BigUint64Array([6n, 4096n, 17n, 250n, 0n, 0n]);
  expect(parseTicksPerSecond(new Uint8Array(words.buffer))).toBe(250);
  expect(parseTicksPerSecond(new Uint8Array(7))).toBeNull();
});

test("ids sort by time, tokens fit into URLs", () => {
  const ids = createIds();
  const some = Array.from({ length: 100 }, () => ids.uuid());
  expect([...some].sort()).toEqual(some);
  expect(some[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids.token()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(ids.bytes(16)).toHaveLength(16);
});
