import { expect, test } from "bun:test";
import { fleetAt } from "../../testing/fixtures.ts";
import {
  bucketOf,
  countBuckets,
  countStates,
  filterNodes,
  listNodes,
  marksOf,
  needsPerson,
  nodeLook,
  nodeStages,
} from "./fleet.model.ts";
import { needsOf } from "./needs.model.ts";
import { text } from "./texts.ts";

const en = text();

const NOW = Date.UTC(2026, 10, 22, 12);
const { nodes, problems, intents } = fleetAt(NOW);
const marks = marksOf(problems, intents);
const quiet = { ...marks, repairing: new Set<string>() };
const named = (name: string) => nodes.find((node) => node.name.startsWith(name))!;

test("every node is in exactly one bucket, repairing lies across them", () => {
  const counts = countBuckets(nodes, marks);
  expect(counts).toEqual({ healthy: 6, degraded: 3, silent: 1, offline: 1, repairing: 1 });
  expect(counts.healthy + counts.degraded + counts.silent + counts.offline).toBe(nodes.length);
});

test("a node is repairing while an approved intent of it acts, not while one is only proposed", () => {
  expect([...marks.repairing]).toEqual([named("web-3").id]);
});

test("red is for what waits for a person, amber for what repairs itself, a repair under way outranks both", () => {
  expect(nodeLook(named("web-3"), quiet, en)).toMatchObject({ tone: "warn", word: "Degraded" });
  expect(nodeLook(named("db-1"), quiet, en)).toMatchObject({ tone: "bad", word: "Degraded" });
  expect(nodeLook(named("backup-1"), quiet, en)).toMatchObject({ tone: "warn", word: "Degraded" });
  expect(nodeLook(named("web-3"), marks, en)).toMatchObject({
    tone: "accent",
    word: "Repairing",
    busy: true,
  });
});

test("the number of degraded nodes is red when one of its rows is", () => {
  expect(needsPerson(nodes, marks)).toBe(true);
  expect(needsPerson([named("web-3"), named("backup-1")], marks)).toBe(false);
});

test("an offline node does not claim to be repairing", () => {
  expect(nodeLook(named("edge-9"), { ...marks, repairing: new Set([named("edge-9").id]) }, en)).toMatchObject(
    { word: "Offline" },
  );
});

test("a node that was let in a moment ago was not heard yet, which is neither offline nor anybody's business", () => {
  const unheard = { ...named("web-1.ams"), state: "unheard" as const, repairs: null };
  expect(nodeLook(unheard, marks, en)).toEqual({ tone: "idle", icon: "dashed", word: "Not heard yet" });
  expect(bucketOf(unheard)).toBe("silent");
  expect(needsOf([unheard], [], [], en)).toEqual([]);
});

test("what needs looking at comes first, then names in natural order", () => {
  const ten = { ...named("web-1"), id: "x", name: "web-10.ams" };
  const order = listNodes([...nodes, ten]).map(({ node }) => node.name);
  expect(order.slice(0, 4)).toEqual(["edge-9.home", "db-1.ams", "web-3.fra", "backup-1.fra"]);
  expect(order.slice(-3)).toEqual(["web-1.ams", "web-2.ams", "web-10.ams"]);
});

test("a filter wants every word, in name, group, tags, labels or system", () => {
  const find = (words: string) =>
    filterNodes(listNodes(nodes), { bucket: null, words }, marks).map((node) => node.name);
  expect(find("DB stateful ams")).toEqual(["db-1.ams"]);
  expect(find("site=fra1 debian db")).toEqual(["db-2.fra"]);
  expect(find("  ")).toHaveLength(nodes.length);
  expect(find("nothing-like-it")).toEqual([]);
});

test("a bucket and words filter together", () => {
  const find = (bucket: Parameters<typeof filterNodes>[1]["bucket"], words = "") =>
    filterNodes(listNodes(nodes), { bucket, words }, marks).map((node) => node.name);
  expect(find("degraded", "db")).toEqual(["db-1.ams"]);
  expect(find("repairing")).toEqual(["web-3.fra"]);
  expect(find("offline").map((name) => bucketOf(named(name)))).toEqual(["offline"]);
});

test("a fleet that is not known whole is counted by the Monitor, and asked for in the order of the list", () => {
  const states = {
    online: 900,
    degraded: 50,
    late: 5,
    offline: 40,
    quarantined: 5,
    pending: 0,
    unheard: 2,
    revoked: 0,
  };
  expect(countStates(states, quiet)).toEqual({
    healthy: 900,
    degraded: 50,
    silent: 7,
    offline: 45,
    repairing: 0,
  });
  expect(nodeStages(null, "").map((stage) => stage.state)).toEqual([
    "offline,quarantined",
    "degraded",
    "late,unheard",
    "online",
  ]);
  expect(nodeStages("degraded", "a rack-17")).toEqual([{ text: "rack-17", state: "degraded" }]);
  expect(nodeStages("repairing", "")).toEqual([]);
});
