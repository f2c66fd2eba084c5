import { expect, test } from "bun:test";
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../testing/test-folder.ts";
import { thrown } from "../testing/thrown.ts";
import { loadDecidingKey } from "./deciding-key.ts";
import { ephemeralKeyPair } from "./key-file.ts";

const identity = ephemeralKeyPair();
const NOW = 1_800_000_000_000;

test("a rotation outlives a restart; the key before is gone, and counts for the overlap only", () => {
  const folder = testFolder();
  const key = loadDecidingKey(folder);
  const [before, old] = [key.name, readFileSync(join(folder, "decision.key"), "utf8")];
  const { until } = key.rotate(identity, { now: NOW, keepsOld: true });
  expect(key.name).not.toBe(before);
  expect(readFileSync(join(folder, "decision.key"), "utf8")).not.toBe(old);
  expect(existsSync(join(folder, "decision.next.key"))).toBe(false);
  const again = loadDecidingKey(folder);
  expect([again.name, again.links()]).toEqual([key.name, key.links()]);
  expect(again.trusted(NOW)).toEqual([key.name, before]);
  expect(again.trusted(until)).toEqual([key.name]);
});

test("a rotation that was cut short after its link was written is finished at the next start", () => {
  const folder = testFolder();
  const path = (name: string) => join(folder, name);
  const key = loadDecidingKey(folder);
  const next = key.next();
  copyFileSync(path("decision.key"), path("old"));
  key.rotate(identity, { now: NOW, keepsOld: true });
  renameSync(path("decision.key"), path("decision.next.key"));
  renameSync(path("old"), path("decision.key"));
  const again = loadDecidingKey(folder);
  expect([again.name, again.links().length]).toEqual([next, 1]);
});

test("a key to come that no link names decides nothing, and is the one that the next rotation takes", () => {
  const folder = testFolder();
  const key = loadDecidingKey(folder);
  const next = key.next();
  const again = loadDecidingKey(folder);
  expect(again.name).toBe(key.name);
  again.rotate(identity, { now: NOW, keepsOld: true });
  expect(again.name).toBe(next);
});

test("a key that came back from an older backup hands out no link to one that is not here", () => {
  const folder = testFolder();
  const path = (name: string) => join(folder, name);
  const key = loadDecidingKey(folder);
  key.rotate(identity, { now: NOW, keepsOld: true });
  copyFileSync(path("decision.key"), path("old"));
  key.rotate(identity, { now: NOW + 1, keepsOld: true });
  copyFileSync(path("old"), path("decision.key"));
  expect(loadDecidingKey(folder).links()).toHaveLength(1);
});

test("links that can't be read are an error, not a Monitor that forgot its keys", () => {
  const folder = testFolder();
  loadDecidingKey(folder);
  writeFileSync(join(folder, "decision.links.json"), "{");
  expect(thrown(() => loadDecidingKey(folder))?.code).toBe("store.identity");
});
