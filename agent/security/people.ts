/** Who may come in, and how: asked of the running Monitor, or of its store when none runs. */
import type { Client } from "../cli/client.ts";
import { critical, type Finding, ok, warning } from "./finding.ts";

interface User {
  name: string;
  role: string;
  disabled: boolean;
  secondFactor?: boolean;
}
interface Key {
  id: string;
  name: string;
  role: string;
  expiresAt: string | null;
  addresses: string[] | null;
  lastUsedAt: string | null;
  createdAt: string;
}

const UNUSED_MS = 90 * 86_400_000;

export async function examinePeople(client: Client, now: number): Promise<Finding[]> {
  const all = { limit: "500" };
  const [users, keys, nodes, checks] = await Promise.all([
    client.list<User>("users"),
    client.list<Key>("keys"),
    client.list<{ name: string; state: string }>("nodes", all),
    client.list<{ name: string; status: string | null; summary?: string | null; reason: string | null }>(
      "checks",
      all,
    ),
  ]);
  return [
    ...people(users.items),
    ...keys.items.flatMap((key) => ofKey(key, now)),
    pending(nodes.items.filter(({ state }) => state === "pending").map(({ name }) => name)),
    clock(checks.items.find(({ name }) => name === "time_sync")),
  ];
}

function people(users: readonly User[]): Finding[] {
  const active = users.filter(({ disabled }) => !disabled);
  if (active.length === 0)
    return [
      warning("people.none", "there is no user yet; finish the setup before anybody else does", "cortex up"),
    ];
  const bare = active.filter(({ secondFactor }) => secondFactor === false);
  const admins = bare.filter(({ role }) => role === "admin");
  const found: Finding[] = [];
  if (admins.length > 0)
    found.push(
      critical(
        "people.second_factor",
        `admins without a second factor: ${names(admins)}; each adds one in the profile`,
      ),
    );
  if (bare.length > admins.length)
    found.push(
      warning(
        "people.second_factor",
        `users without a second factor: ${names(bare.filter(({ role }) => role !== "admin"))}`,
      ),
    );
  return found.length > 0 ? found : [ok("people.second_factor", "every user has a second factor")];
}

function ofKey(key: Key, now: number): Finding[] {
  const found: Finding[] = [];
  const where = `API key ${key.name} (${key.id})`;
  const last = Date.parse(key.lastUsedAt ?? key.createdAt);
  if (key.expiresAt === null)
    found.push(warning("keys.expiry", `${where} never expires`, `cortex key rotate ${key.id}`));
  if (key.role === "admin" && key.addresses === null)
    found.push(
      warning(
        "keys.admin",
        `${where} is an admin's and is taken from anywhere; give it a smaller role or address ranges`,
      ),
    );
  if (now - last > UNUSED_MS)
    found.push(warning("keys.unused", `${where} was not used for 90 days`, `cortex key delete ${key.id}`));
  return found;
}

const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).join(", ");

function pending(waiting: readonly string[]): Finding {
  return waiting.length === 0
    ? ok("nodes.pending", "no node waits for approval")
    : warning(
        "nodes.pending",
        `nodes that wait for approval: ${waiting.join(", ")}; approve or revoke each`,
        "cortex nodes",
      );
}

/** Expiry, replay windows and one-time codes stand on it. */
function clock(
  check: { status: string | null; summary?: string | null; reason: string | null } | undefined,
): Finding {
  if (check?.status === "ok") return ok("host.clock", "the clock is synchronised");
  const why = check?.summary ?? check?.reason ?? "not looked at yet";
  return warning(
    "host.clock",
    `whether the clock is right is not known: ${why}`,
    "cortex checks run time_sync",
  );
}
