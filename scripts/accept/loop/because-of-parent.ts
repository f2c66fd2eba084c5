import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { demoService, serving, WIDE_BUDGETS } from "./demo.ts";
import { ensureLeftAlone, heldProblem, killService, repairs, settled } from "./one-repair.ts";

const CALM_MS = 3000;
/** A held problem is looked at again within 15 s. */
const RECONSIDER_MS = 15_000;

/** A shop that stands on a database; the database's repair is held, so the shop must not be repaired either. */
async function becauseOf(rig: Rig, dependsOn: string[]): Promise<string> {
  const [database, shop] = [await rig.port(), await rig.port()];
  const service = [
    { ...demoService(database), id: "database" },
    { ...demoService(shop), id: "shop", depends_on: dependsOn },
  ];
  const cortex = await rig.cortex({ config: { version: 1, ...WIDE_BUDGETS, plugins: { service } } });
  await Promise.all([serving(database), serving(shop)]);
  await cortex.cli("maintenance", "add", "--for", "1h", "--reason", "resize", "--target", "database");
  await killService(database);
  const parent = await heldProblem(cortex, "database");
  await killService(shop);
  await ensureLeftAlone(cortex, shop, CALM_MS, "what it stands on is broken");
  const child = await heldProblem(cortex, "shop");
  ensureEqual(child.guards.hold, "because_of_parent", "what holds the child's repair");
  ensureEqual(child.becauseOf, parent.id, "the problem that explains the child's");

  const { json } = await cortex.api<{ items: { id: string }[] }>("GET", "maintenance");
  const released = now();
  await cortex.cli("maintenance", "remove", json.items[0]!.id);
  await serving(database);
  await serving(shop, RECONSIDER_MS + 5000);
  const wholeMs = now() - released;
  await settled(cortex, 2);
  const [last, first] = await repairs(cortex);
  ensureEqual([first?.target, last?.target], ["database", "shop"], "order of the repairs");
  ensure(
    Date.parse(last!.createdAt) >= Date.parse(first!.finishedAt!),
    "the child was repaired before its parent was",
  );
  return `the child waited; both serving ${inTime(wholeMs)} after the parent's release, parent first`;
}

const scenario: Scenario = {
  name: "because-of-parent",
  quick: true,
  timeoutMs: 90_000,
  run: (rig) => becauseOf(rig, ["process:database"]),
  control: (rig) => becauseOf(rig, []),
};
export default scenario;
