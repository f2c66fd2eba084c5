import { expect, test } from "bun:test";
import type { IdentityItem } from "../../data/types.ts";
import { actsOn, cameWith, sorted } from "./enrol.model.ts";

const node = (name: string, state: IdentityItem["state"], requestedAt = "2026-01-01T00:00:00.000Z") =>
  ({ id: `n_${name}`, name, state, requestedAt, token: `t_${name}` }) as IdentityItem;

test("who has waited longest is first, and a quarantined node stands before the healthy ones", () => {
  const items = [
    node("b", "active"),
    node("new", "pending", "2026-01-03T00:00:00.000Z"),
    node("gone", "revoked"),
    node("a", "active"),
    node("old", "pending", "2026-01-02T00:00:00.000Z"),
    node("twin", "quarantined"),
  ];
  const { waiting, others } = sorted(items);
  expect(waiting.map((one) => one.name)).toEqual(["old", "new"]);
  expect(others.map((one) => one.name)).toEqual(["twin", "a", "b", "gone"]);
});

test("nothing can be done to a revoked node, and only a quarantined one is released", () => {
  expect(actsOn({ state: "revoked" })).toEqual([]);
  expect(actsOn({ state: "active" })).toEqual(["rotate", "revoke"]);
  expect(actsOn({ state: "quarantined" })).toEqual(["release", "revoke"]);
});

test("the node that came with a token is found by it", () => {
  expect(cameWith("t_a", [node("b", "active"), node("a", "pending")])?.name).toBe("a");
  expect(cameWith("t_x", [node("a", "pending")])).toBeUndefined();
});
