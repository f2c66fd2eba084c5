/** How grants are written in requests and shown in answers. */
import { type Grant, PERMISSIONS } from "cortex";
import * as z from "zod";
import type { NodePlaces } from "../../access/node-scope.ts";
import { covers, parseScope, SCOPE_FORMS, WHOLE_TREE } from "../../domain/access.ts";

export const grantedRole = z.enum(["admin", "operator", "viewer"]);
export const permission = z.enum(PERMISSIONS);

const scope = z
  .string()
  .max(320)
  .refine((text) => parseScope(text) !== null, `must be ${SCOPE_FORMS}`)
  .describe("`*` (the whole tree), `subtree:NODEID`, `label:KEY=VALUE` or `group:NAME`");

export const grant = z.strictObject({ role: grantedRole, scope });
export const grants = z
  .array(grant)
  .max(100)
  .describe("What is allowed, and where; an empty list allows nothing");

/** `role` alone is short for that role on the whole tree. */
export const grantFields = {
  role: grantedRole.optional().describe("Short for `grants` with this role on the whole tree"),
  grants: grants.optional(),
};

/** undefined when neither was given. Errors: both were. */
export function grantsOf(given: { role?: Grant["role"]; grants?: Grant[] }): Grant[] | undefined {
  return given.grants ?? (given.role && [{ role: given.role, scope: WHOLE_TREE }]);
}

export const emptyScopes = z
  .array(z.string())
  .describe("Scopes of its grants in which no node is now: what they allow holds for none of today's nodes");

/** Most likely a slip: nobody gives a role for nothing. */
export function emptyScopesOf(grants: readonly Grant[], nodes: NodePlaces): string[] {
  const holds = (scope: string) =>
    nodes.ids().some((id) => {
      const place = nodes.place(id);
      return place !== null && covers(scope, place);
    });
  return [...new Set(grants.map(({ scope }) => scope))].filter(
    (scope) => scope !== WHOLE_TREE && !holds(scope),
  );
}

export const oneOfThem = <T extends { role?: unknown; grants?: unknown }>(given: T): boolean =>
  given.role === undefined || given.grants === undefined;
export const BOTH = "give a role or grants, not both";
