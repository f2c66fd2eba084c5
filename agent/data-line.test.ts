import { expect, test } from "bun:test";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../core/testing/test-folder.ts";
import { lockDataDir } from "../core/store/data-dir.ts";
import { configLine, dataLine, isEmpty, usedSince } from "./data-line.ts";

test("a start says that it takes a folder in use, since when and of which node, and how to take another", () => {
  const since = new Date("2026-11-01T10:00:00Z");
  expect(dataLine({ root: "/var/lib/cortex", since, name: "vm" })).toBe(
    "Data: /var/lib/cortex, in use since 2026-11-01 (node vm); to take another: --data-dir DIR",
  );
  expect(dataLine({ root: "/srv/data", since: null, name: "vm" })).toBe("Data: /srv/data (new)");
});

test("a folder is in use since the first start, whatever starts come after", () => {
  const root = testFolder();
  expect(usedSince(root)).toBeNull();
  lockDataDir(root).release();
  const first = new Date("2026-11-01T10:00:00Z");
  utimesSync(join(root, "lock.db"), first, first);
  lockDataDir(root).release();
  expect(usedSince(root)).toEqual(first);
});

test("a start says which configuration file to edit, whether there is one yet or not", () => {
  const configPlace = "/etc/cortex/cortex.yaml";
  expect(configLine({ path: "cortex.yaml", configPlace })).toBe("Config: /etc/cortex/cortex.yaml");
  expect(configLine({ path: null, configPlace })).toBe(
    "Config: /etc/cortex/cortex.yaml (not there: all defaults)",
  );
});

test("a copied folder is not empty, although nobody used it yet", () => {
  const root = testFolder();
  expect([isEmpty(root), isEmpty(join(root, "none"))]).toEqual([true, true]);
  writeFileSync(join(root, "upstream.json"), "{}");
  expect([isEmpty(root), usedSince(root)]).toEqual([false, null]);
});
