import { expect, test } from "bun:test";
import { hasSeveralNodes, nodeIdOf, pick, pickNode } from "./pick.ts";

const items = [{ id: "0198-aaaa-11112222" }, { id: "0198-bbbb-33332222" }, { id: "short" }];

test("T26 nothing is decided by a few characters of an id: it takes as many as lists show", () => {
  expect(() => pick(items, "2", "decision")).toThrow("at least 8 characters");
  expect(() => pick(items, "1112222", "decision")).toThrow("at least 8 characters");
  expect(pick(items, "11112222", "decision")).toBe(items[0]!);
});

test("a whole id is enough, however short", () => {
  expect(pick(items, "short", "token")).toBe(items[2]!);
});

test("what fits none or several is said, never guessed", () => {
  const twins = [{ id: "a-12345678" }, { id: "b-12345678" }];
  expect(() => pick(twins, "12345678", "decision")).toThrow(
    "2 decisions have an id that begins or ends with 12345678",
  );
  expect(() => pick(items, "99999999", "decision")).toThrow(
    "no decision has an id that begins or ends with 99999999",
  );
});

test("the beginning of an id is as good as its end", () => {
  expect(pick(items, "0198-aaaa", "intent")).toBe(items[0]!);
  expect(pick(items, "0198-bbbb-3333", "intent")).toBe(items[1]!);
  expect(() => pick(items, "0198-", "intent", { toRead: true })).toThrow("2 intents have an id that begins");
});

test("what is only read takes as few characters as tell it from the others", () => {
  expect(pick(items, "0198-a", "intent", { toRead: true })).toBe(items[0]!);
  expect(pick(items, "s", "intent", { toRead: true })).toBe(items[2]!);
  expect(() => pick(items, "", "intent", { toRead: true })).toThrow("an empty id is too short");
});

const inside = { id: `n_${"a".repeat(26)}`, name: "vm", state: "online" };
const out = { id: `n_${"b".repeat(26)}`, name: "vm", state: "revoked" };

test("a node is named by its name or its id; one that is out gives its name to who is in", () => {
  expect(pickNode([out, inside], "vm")).toBe(inside);
  expect(pickNode([out], "vm")).toBe(out);
  expect(pickNode([out, inside], out.id)).toBe(out);
  expect(() => pickNode([out, inside], "web")).toThrow("no node is called web");
  expect(() => pickNode([inside, { ...inside, id: `n_${"c".repeat(26)}` }], "vm")).toThrow("several nodes");
});

test("every node and a whole id are sent as they are, a name is looked up", async () => {
  const client = { list: async () => ({ items: [inside] }) };
  expect(await nodeIdOf(client, "*")).toBe("*");
  expect(await nodeIdOf(client, out.id)).toBe(out.id);
  expect(await nodeIdOf(client, "vm")).toBe(inside.id);
});

test("a list names nodes where there are several, even if it is about one", async () => {
  const of = (...nodes: unknown[]) => ({ list: async () => ({ items: nodes as (typeof inside)[] }) });
  expect(await hasSeveralNodes(of(inside), [{ node: inside.id }])).toBe(false);
  expect(await hasSeveralNodes(of(inside, out), [{ node: inside.id }])).toBe(true);
  expect(await hasSeveralNodes(of(), [{ node: inside.id }, { node: out.id }])).toBe(true);
});
