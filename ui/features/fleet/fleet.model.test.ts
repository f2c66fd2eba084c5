import { expect, test } from "bun:test";
import { en } from "../../lib/en.ts";
import { fleetAt } from "../../testing/fixtures.ts";
import {
  bucketOf,
  compareNodes,
  countBuckets,
  filterNodes,
  nodeLook,
  repairingNodes,
} from "./fleet.model.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const { nodes, intents } = fleetAt(NOW);
const repairing = repairingNodes(intents);
const named = (name: string) => nodes.find((node) => node.name.startsWith(name))!;

test("every node is in exactly one bucket, repairing lies across them", () => {
  const counts = countBuckets(nodes, repairing);
  expect(counts).toEqual({ healthy: 6, degraded: 3, silent: 1, offline: 1, repairing: 1 });
  expect(counts.healthy + counts.degraded + counts.silent + counts.offline).toBe(nodes.length);
});

test("a node is repairing while an approved intent of it acts, not while one is only proposed", () => {
  expect([...repairing]).toEqual([named("web-3").id]);
});

test("red is for a critical problem, amber for a warning, and a repair under way outranks both", () => {
  expect(nodeLook(named("db-1"), false, en)).toMatchObject({ tone: "bad", word: "Degraded" });
  expect(nodeLook(named("backup-1"), false, en)).toMatchObject({ tone: "warn", word: "Degraded" });
  expect(nodeLook(named("web-3"), true, en)).toMatchObject({ tone: "accent", word: "Repairing", busy: true });
});

test("an offline node does not claim to be repairing", () => {
  expect(nodeLook(named("edge-9"), true, en)).toMatchObject({ word: "Offline" });
});

test("what needs looking at comes first, then names in natural order", () => {
  const ten = { ...named("web-1"), id: "x", name: "web-10.ams" };
  const order = [...nodes, ten].sort(compareNodes).map((node) => node.name);
  expect(order.slice(0, 4)).toEqual(["edge-9.home", "db-1.ams", "web-3.fra", "backup-1.fra"]);
  expect(order.slice(-3)).toEqual(["web-1.ams", "web-2.ams", "web-10.ams"]);
});

test("a filter wants every word, in name, group, tags, labels or system", () => {
  const find = (words: string) =>
    filterNodes(nodes, { bucket: null, words }, repairing).map((node) => node.name);
  expect(find("DB stateful ams")).toEqual(["db-1.ams"]);
  expect(find("site=fra1 debian db")).toEqual(["db-2.fra"]);
  expect(find("  ")).toHaveLength(nodes.length);
  expect(find("nothing-like-it")).toEqual([]);
});

test("a bucket and words filter together", () => {
  const find = (bucket: Parameters<typeof filterNodes>[1]["bucket"], words = "") =>
    filterNodes(nodes, { bucket, words }, repairing).map((node) => node.name);
  expect(find("degraded", "db")).toEqual(["db-1.ams"]);
  expect(find("repairing")).toEqual(["web-3.fra"]);
  expect(find("offline").map((name) => bucketOf(named(name)))).toEqual(["offline"]);
});
