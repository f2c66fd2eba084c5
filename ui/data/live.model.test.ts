import { describe, expect, test } from "bun:test";
import {
  backoffMs,
  connectionOf,
  isWelcome,
  joinSnapshot,
  judgeMessage,
  KEEP_INTENTS,
  keepSame,
  mergePatches,
  newest,
  parseMessage,
  patched,
  type LiveMessage,
} from "./live.model.ts";
import { fleetAt } from "../testing/fixtures.ts";

const NOW = Date.UTC(2026, 10, 22, 12);

const patch = (seq: number, items: LiveMessage["items"] = [], removed: string[] = []): LiveMessage => ({
  topic: "nodes",
  type: "patch",
  seq,
  items,
  removed,
});

describe("messages", () => {
  test("a patch without `removed` is read", () => {
    const text = JSON.stringify({ topic: "intents", type: "patch", seq: 7, items: [{ id: "a" }] });
    expect(parseMessage(text)).toEqual({
      topic: "intents",
      type: "patch",
      seq: 7,
      items: [{ id: "a" }],
      removed: [],
    });
  });

  test.each([
    "not json",
    "null",
    "[]",
    '{"type":"error","error":{"code":"live.invalid"}}',
    '{"topic":"alerts","type":"patch","seq":1,"items":[]}',
    '{"topic":"nodes","type":"patch","seq":"1","items":[]}',
    '{"topic":"nodes","type":"hello","seq":1,"items":[]}',
  ])("%s is no message for us", (text) => {
    expect(parseMessage(text)).toBeNull();
  });

  test("the next number is applied, an old one skipped, a later one is a gap", () => {
    expect(judgeMessage(4, patch(5))).toBe("apply");
    expect(judgeMessage(4, patch(4))).toBe("skip");
    expect(judgeMessage(4, patch(6))).toBe("gap");
  });

  test("patches before the first snapshot mean nothing, a snapshot is always applied", () => {
    expect(judgeMessage(null, patch(9))).toBe("skip");
    expect(judgeMessage(9, { ...patch(2), type: "snapshot" })).toBe("apply");
  });

  test("several patches become one with the newest version of each item", () => {
    const first = { id: "a", value: 1 };
    const second = { id: "a", value: 2 };
    const merged = mergePatches([
      patch(1, [first, { id: "b" }]),
      patch(2, [second], ["b"]),
      patch(3, [], ["c"]),
    ]);
    expect(merged).toEqual({ items: [second], removed: ["b", "c"] });
  });

  test("an item that was removed and came back is there", () => {
    expect(mergePatches([patch(1, [], ["a"]), patch(2, [{ id: "a" }])])).toEqual({
      items: [{ id: "a" }],
      removed: [],
    });
  });
});

describe("connection", () => {
  const facts = { socketOpen: true, networkUp: true, lastDataAt: 1000, now: 2000 };

  test("an open socket with data is live, without any it connects", () => {
    expect(connectionOf(facts)).toEqual({ kind: "live" });
    expect(connectionOf({ ...facts, lastDataAt: null })).toEqual({ kind: "connecting" });
  });

  test("without a socket young data means reconnecting, old data stale", () => {
    expect(connectionOf({ ...facts, socketOpen: false, now: 9000 })).toEqual({ kind: "reconnecting" });
    expect(connectionOf({ ...facts, socketOpen: false, now: 43_000 })).toEqual({
      kind: "stale",
      ageMs: 42_000,
    });
  });

  test("without a network it is offline", () => {
    expect(connectionOf({ ...facts, socketOpen: false, networkUp: false })).toEqual({
      kind: "offline",
      ageMs: 1000,
    });
  });

  test("a clock that went back makes no negative age", () => {
    expect(connectionOf({ ...facts, socketOpen: false, networkUp: false, now: 0 })).toEqual({
      kind: "offline",
      ageMs: 0,
    });
  });

  test("waits double up to 30 s and spread by half", () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, 0.5))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]);
    expect(backoffMs(0, 0)).toBe(500);
    expect(backoffMs(50, 1)).toBe(45_000);
  });
});

test("a list that only grows keeps its newest items", () => {
  const items = Array.from({ length: KEEP_INTENTS * 2 }, (_, index) => ({
    createdAt: String(index).padStart(5, "0"),
  }));
  const kept = newest(items, KEEP_INTENTS);
  expect(kept).toHaveLength(KEEP_INTENTS);
  expect(kept[0]).toEqual(items.at(-1)!);
  expect(newest(items.slice(0, 10), KEEP_INTENTS)).toHaveLength(10);
});

describe("a fleet that is larger than a snapshot", () => {
  const { nodes, problems } = fleetAt(NOW);
  const healthy = nodes.find((node) => node.state === "online")!;
  const silent = nodes.find((node) => node.state === "offline")!;

  test("strangers are taken in only when somebody may have to look at them", () => {
    expect(isWelcome("nodes", healthy, 499)).toBe(true);
    expect(isWelcome("nodes", healthy, 500)).toBe(false);
    expect(isWelcome("nodes", silent, 500)).toBe(true);
    expect(isWelcome("nodes", silent, 2000)).toBe(false);
    const critical = problems.find((problem) => problem.severity === "critical")!;
    expect(isWelcome("problems", critical, 800)).toBe(true);
    expect(isWelcome("problems", { ...critical, severity: "warning" }, 800)).toBe(false);
  });

  test("a full snapshot keeps what was learned beyond it, a short one is all there is", () => {
    const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `n${index}` }));
    expect(joinSnapshot([{ id: "z" }, { id: "n1" }], rows(500))).toHaveLength(501);
    expect(joinSnapshot([{ id: "z" }], rows(3))).toEqual(rows(3));
  });
});

describe("items are replaced, never changed", () => {
  const { nodes } = fleetAt(NOW);
  const copy = (node: (typeof nodes)[number]) => structuredClone(node);

  test("a snapshot that says the same leaves the objects that are there", () => {
    const again = nodes.map(copy);
    again[1] = { ...again[1]!, openProblems: 99 };
    const kept = keepSame(nodes, again);
    expect(kept.map((node, index) => node === nodes[index])).toEqual(nodes.map((_, index) => index !== 1));
    expect(kept[1]!.openProblems).toBe(99);
  });

  test("a patch replaces what it names, in its place, and takes away what is gone", () => {
    const newer = { ...copy(nodes[2]!), name: "renamed" };
    const list = patched("nodes", nodes, { items: [newer], removed: [nodes[0]!.id] });
    expect(list.map(({ name }) => name)).toEqual([
      nodes[1]!.name,
      "renamed",
      ...nodes.slice(3).map(({ name }) => name),
    ]);
    expect(list[0]).toBe(nodes[1]!);
    expect(nodes[2]!.name).not.toBe("renamed");
  });

  test("a stranger is added at the end", () => {
    const stranger = { ...copy(nodes[0]!), id: "00000000-0000-4000-8000-00000000feed" };
    expect(patched("nodes", nodes, { items: [stranger], removed: [] }).at(-1)).toBe(stranger);
  });
});
