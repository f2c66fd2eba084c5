/** `--role operator --scope group:web --role viewer`: what someone may do, and where. */
import { parseArgs } from "node:util";
import { CortexError } from "cortex";
import { clean } from "./output.ts";
import { parseScope, SCOPE_FORMS } from "../../core/domain/access.ts";

export interface GrantArg {
  role: string;
  scope: string;
}

export const grantArgs = {
  role: { type: "string", description: "admin, operator or viewer; may be repeated.", valueHint: "ROLE" },
  scope: {
    type: "string",
    description:
      "Where the --role before it holds: *, subtree:NODEID, label:KEY=VALUE or group:NAME; may be repeated. Without it on the whole tree.",
    valueHint: "SCOPE",
  },
} as const;

/** A user's; `node` is for keys, and each command says which it takes. */
const ROLES = ["admin", "operator", "viewer", "node"];

/** undefined when no role was given. Errors: `cli.scope_alone`, `cli.scope_unknown`, `cli.role_unknown`. */
export function grantsFrom(raw: readonly string[]): GrantArg[] | undefined {
  const { tokens } = parseArgs({
    args: [...raw],
    strict: false,
    tokens: true,
    options: { role: { type: "string" }, scope: { type: "string" } },
  });
  const roles: { role: string; scopes: string[] }[] = [];
  for (const token of tokens) {
    if (token.kind !== "option" || (token.name !== "role" && token.name !== "scope")) continue;
    const value = token.value ?? "";
    const last = roles.at(-1);
    if (token.name === "role" && !ROLES.includes(value))
      throw new CortexError(
        "cli.role_unknown",
        "invalid",
        `--role ${value} is no role; write admin, operator or viewer`,
      );
    if (token.name === "role") roles.push({ role: value, scopes: [] });
    else if (parseScope(value) === null)
      throw new CortexError("cli.scope_unknown", "invalid", `--scope ${value}: must be ${SCOPE_FORMS}`);
    else if (last) last.scopes.push(value);
    else
      throw new CortexError(
        "cli.scope_alone",
        "invalid",
        `--scope ${value} needs a --role before it, for example --role operator --scope ${value}`,
      );
  }
  if (roles.length === 0) return undefined;
  return roles.flatMap(({ role, scopes }) =>
    (scopes.length === 0 ? ["*"] : scopes).map((scope) => ({ role, scope })),
  );
}

/** `operator on group:web, viewer` for tables; `empty` are scopes in which no node is. */
export const shownGrants = (grants: readonly GrantArg[], empty: readonly string[] = []): string =>
  grants.length === 0
    ? "nothing"
    : grants
        .map(
          ({ role, scope }) =>
            (scope === "*" ? role : `${role} on ${scope}`) + (empty.includes(scope) ? " (no node)" : ""),
        )
        .join(", ");

/** On standard error: most likely a slip, and no mistake where the nodes are still to come. */
export function warnOfEmpty(scopes: readonly string[]): void {
  for (const scope of scopes)
    process.stderr.write(
      `warning: no node is in ${clean(scope, 100)} now; a role there holds as soon as one is\n`,
    );
}
