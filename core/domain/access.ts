/**
 * Who may do what to which node. A principal has grants (a role on a scope), a role is a set of permissions, a scope is a
 * set of nodes. What nobody granted is not allowed; an empty list of grants is nothing.
 */
import { type Grant, type Permission, PERMISSIONS, type Principal, type Role, type Scope } from "cortex";

/** What scopes look at. Labels and group are as the node itself says; they show it to more or fewer people, no more. */
export interface NodePlace {
  id: string;
  labels: Readonly<Record<string, string>>;
  group: string | null;
  /** Ids of the Monitors above it, nearest last. */
  path?: readonly string[];
}

const VIEWER: readonly Permission[] = ["fleet.read", "self"];
const OPERATOR: readonly Permission[] = [...VIEWER, "fleet.operate", "decide", "ledger.export"];

export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  viewer: VIEWER,
  operator: OPERATOR,
  admin: PERMISSIONS.filter((permission) => permission !== "node.send"),
  node: ["node.send"],
};

/** From least to most. */
const GRANTED_ROLES = ["viewer", "operator", "admin"] as const satisfies readonly Grant["role"][];

export const WHOLE_TREE: Scope = "*";

type ParsedScope =
  | { kind: "tree" }
  | { kind: "subtree"; id: string }
  | { kind: "label"; key: string; value: string }
  | { kind: "group"; name: string };

/** What a scope may look like, for people. */
export const SCOPE_FORMS = "* (everything), subtree:NODEID, label:KEY=VALUE or group:NAME";

/** null for text that is no scope: it then covers nothing. */
export function parseScope(text: Scope): ParsedScope | null {
  if (text === WHOLE_TREE) return { kind: "tree" };
  const [, kind, rest] = /^(subtree|label|group):(.+)$/su.exec(text) ?? [];
  if (rest === undefined || rest !== rest.trim() || rest.length > 300) return null;
  if (kind === "subtree") return /^n_[a-z2-7]{26}$/.test(rest) ? { kind, id: rest } : null;
  if (kind === "group") return { kind, name: rest };
  const at = rest.indexOf("=");
  return at < 1 || at === rest.length - 1
    ? null
    : { kind: "label", key: rest.slice(0, at), value: rest.slice(at + 1) };
}

export function covers(scope: Scope, node: NodePlace): boolean {
  const parsed = parseScope(scope);
  if (parsed === null) return false;
  switch (parsed.kind) {
    case "tree":
      return true;
    case "subtree":
      return node.id === parsed.id || node.path?.includes(parsed.id) === true;
    case "label":
      return Object.hasOwn(node.labels, parsed.key) && node.labels[parsed.key] === parsed.value;
    case "group":
      return node.group === parsed.name;
  }
}

/** The scopes on which a principal has a permission. `self` and `node.send` are about oneself and have no scope. */
export function scopesOf(principal: Principal, permission: Permission): Scope[] {
  if (principal.kind === "node" || permission === "node.send") return [];
  if (principal.kind === "local") return [WHOLE_TREE];
  if (principal.permissions !== undefined && !principal.permissions.includes(permission)) return [];
  return principal.grants
    .filter((grant) => ROLE_PERMISSIONS[grant.role]?.includes(permission))
    .map((grant) => grant.scope);
}

/** Whether a principal may do this to a node. */
export const can = (principal: Principal, permission: Permission, node: NodePlace): boolean =>
  scopesOf(principal, permission).some((scope) => covers(scope, node));

export const canOnTree = (principal: Principal, permission: Permission): boolean =>
  scopesOf(principal, permission).includes(WHOLE_TREE);

/** Whether a principal has a permission at all: on some scope, or about itself. */
export function canSomewhere(principal: Principal, permission: Permission): boolean {
  if (permission === "node.send") return principal.kind === "node";
  if (permission === "self") return principal.kind !== "node";
  return scopesOf(principal, permission).length > 0;
}

/** Nobody hands out more than they hold: each permission of the role, on that scope or on the whole tree. */
export function canGrant(principal: Principal, { role, scope }: Grant): boolean {
  return ROLE_PERMISSIONS[role].every((permission) => {
    if (permission === "self") return true;
    const held = scopesOf(principal, permission);
    return held.includes(WHOLE_TREE) || held.includes(scope);
  });
}

/** The role to show; `viewer` for nobody in particular. */
export function highestRole(grants: readonly Grant[]): Grant["role"] {
  return GRANTED_ROLES.findLast((role) => grants.some((grant) => grant.role === role)) ?? "viewer";
}

/** Whether these grants make an admin of the whole tree. */
export const isTreeAdmin = (grants: readonly Grant[]): boolean =>
  grants.some(({ role, scope }) => role === "admin" && scope === WHOLE_TREE);

/** Each once, in a fixed order, so that equal grants are equal text. */
export function normalizeGrants(grants: readonly Grant[]): Grant[] {
  const unique = new Map(grants.map(({ role, scope }) => [`${role} ${scope}`, { role, scope }]));
  return [...unique.keys()].toSorted().map((key) => unique.get(key)!);
}

export const sameGrants = (a: readonly Grant[], b: readonly Grant[]): boolean =>
  JSON.stringify(normalizeGrants(a)) === JSON.stringify(normalizeGrants(b));
