/** Which of the two roles this program has here: from the command line, the configuration, or whether it has joined. */
import { defineErrors } from "cortex";
import type { ROLES } from "../core/config/sections/network.ts";
import type { Upstream } from "../core/store/upstream.ts";

export type Role = (typeof ROLES)[number];

const errors = defineErrors("role", { not_joined: "invalid", joined: "conflict" });

/** Errors: `role.not_joined`, `role.joined`. */
export function roleOf(wanted: Role | undefined, upstream: Upstream | null): Role {
  const role = wanted ?? (upstream === null ? "both" : "agent");
  if (role === "agent" && upstream === null)
    throw errors.not_joined(
      "an agent reports to a Monitor and this node has joined none: on the Monitor, cortex token create; here, cortex join cxj1.…",
    );
  if (role !== "agent" && upstream !== null)
    throw errors.joined(
      `this node has joined ${upstream.url} and runs as its agent; leave it first to run a Monitor of its own: cortex leave`,
    );
  return role;
}
