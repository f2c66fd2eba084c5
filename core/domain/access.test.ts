import { expect, test } from "bun:test";
import { type Grant, PERMISSIONS, type Principal } from "cortex";
import {
  can,
  canGrant,
  canOnTree,
  canSomewhere,
  covers,
  highestRole,
  type NodePlace,
  normalizeGrants,
  parseScope,
  ROLE_PERMISSIONS,
  sameGrants,
} from "./access.ts";

const WEB: NodePlace = { id: `n_${"a".repeat(26)}`, labels: { site: "fra" }, group: "web" };
const DATABASE: NodePlace = {
  id: `n_${"b".repeat(26)}`,
  labels: { site: "ams" },
  group: null,
  path: [`n_${"m".repeat(26)}`],
};

const user = (grants: Grant[], more: Partial<Principal> = {}): Principal => ({
  kind: "user",
  id: "u",
  name: "u",
  role: highestRole(grants),
  grants,
  ...more,
});

test("an empty list of grants allows nothing but oneself", () => {
  const nobody = user([]);
  const allowed = PERMISSIONS.filter((permission) => canSomewhere(nobody, permission));
  expect(allowed).toEqual(["self"]);
  expect(PERMISSIONS.filter((permission) => can(nobody, permission, WEB))).toEqual([]);
});

test("a role is all of the one below it and more", () => {
  expect(ROLE_PERMISSIONS.operator).toEqual(expect.arrayContaining([...ROLE_PERMISSIONS.viewer]));
  expect(ROLE_PERMISSIONS.admin).toEqual(expect.arrayContaining([...ROLE_PERMISSIONS.operator]));
  expect(ROLE_PERMISSIONS.node).toEqual(["node.send"]);
});

test("T09 a node may send and nothing else, and nobody else may send", () => {
  const node = user([{ role: "admin", scope: "*" }], { kind: "node", role: "node", nodeId: WEB.id });
  expect(PERMISSIONS.filter((permission) => canSomewhere(node, permission))).toEqual(["node.send"]);
  expect(PERMISSIONS.filter((permission) => can(node, permission, WEB))).toEqual([]);
  expect(canSomewhere(user([{ role: "admin", scope: "*" }]), "node.send")).toBe(false);
});

test("a scope covers the nodes that it names", () => {
  const both = [WEB, DATABASE];
  const covered = (scope: string) => both.filter((node) => covers(scope, node));
  expect(covered("*")).toEqual(both);
  expect(covered("label:site=fra")).toEqual([WEB]);
  expect(covered("group:web")).toEqual([WEB]);
  expect(covered(`subtree:${WEB.id}`)).toEqual([WEB]);
  expect(covered(`subtree:n_${"m".repeat(26)}`)).toEqual([DATABASE]);
});

test("text that is no scope covers nothing, and neither do names of what every object has", () => {
  for (const scope of [
    "",
    "**",
    "all",
    "group:",
    "group: web",
    "label:site",
    "label:=fra",
    "label:site=",
    "subtree:n_1",
    "Group:web",
    "label:constructor=function Object() { [native code] }",
    "label:__proto__=[object Object]",
  ])
    expect([scope, covers(scope, WEB)]).toEqual([scope, false]);
  expect(parseScope("label:a=b=c")).toEqual({ kind: "label", key: "a", value: "b=c" });
});

test("a permission counts where it was granted, whatever else is granted elsewhere", () => {
  const mixed = user([
    { role: "viewer", scope: "*" },
    { role: "operator", scope: "group:web" },
  ]);
  expect(mixed.role).toBe("operator");
  expect(can(mixed, "fleet.read", DATABASE)).toBe(true);
  expect(can(mixed, "fleet.operate", DATABASE)).toBe(false);
  expect(can(mixed, "fleet.operate", WEB)).toBe(true);
  expect(canOnTree(mixed, "fleet.operate")).toBe(false);
  expect(canSomewhere(mixed, "fleet.operate")).toBe(true);
});

test("T67 a narrowed key has less than its role, never more", () => {
  const key = user([{ role: "operator", scope: "*" }], {
    kind: "key",
    permissions: ["fleet.read", "people.manage"],
  });
  expect(PERMISSIONS.filter((permission) => can(key, permission, WEB))).toEqual(["fleet.read"]);
});

test("nobody hands out more than they hold", () => {
  const admin = user([{ role: "admin", scope: "*" }]);
  const webAdmin = user([{ role: "admin", scope: "group:web" }]);
  const narrowed = user(admin.grants as Grant[], { kind: "key", permissions: ["people.manage"] });
  expect(canGrant(admin, { role: "admin", scope: "*" })).toBe(true);
  expect(canGrant(admin, { role: "viewer", scope: "group:web" })).toBe(true);
  expect(canGrant(webAdmin, { role: "admin", scope: "group:web" })).toBe(true);
  expect(canGrant(webAdmin, { role: "viewer", scope: "*" })).toBe(false);
  expect(canGrant(webAdmin, { role: "viewer", scope: "group:db" })).toBe(false);
  expect(canGrant(narrowed, { role: "viewer", scope: "*" })).toBe(false);
});

test("equal grants are equal whatever their order, and each counts once", () => {
  const grants: Grant[] = [
    { role: "viewer", scope: "*" },
    { role: "admin", scope: "group:a" },
    { role: "viewer", scope: "*" },
  ];
  expect(normalizeGrants(grants)).toHaveLength(2);
  expect(sameGrants(grants, grants.toReversed())).toBe(true);
  expect(sameGrants(grants, grants.slice(0, 1))).toBe(false);
});
