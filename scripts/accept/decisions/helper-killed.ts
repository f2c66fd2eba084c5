/** T41: the helper is killed between burning an approval and acting, and while it acts: at most one act, and no second use. */
import { readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { keyName } from "../../../core/store/identity.ts";
import { ephemeralKeyPair, type KeyPair } from "../../../core/store/key-file.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { signal } from "../lib/processes.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { actLine, approvalOf, NODE, restart, TARGET, workFor } from "./attack.ts";
import { rootSide, type RootSide } from "./root-side.ts";

const SLOW_S = 1;

const say = async (rig: Rig, root: RootSide, line: string): Promise<string> => {
  const file = rig.file(`say-${crypto.randomUUID()}`, `${line}\n`, 0o644);
  const program = join(rig.root, "scripts/accept/lib/ask-socket.py");
  return (await rig.run([...root.asUser, "/usr/bin/python3", program, root.socket, file])).stdout.trim();
};

const helperPid = (root: RootSide) => Number(readFileSync(join(root.state, "lock.pid"), "utf8"));

async function prepared(rig: Rig): Promise<{ root: RootSide; decides: KeyPair }> {
  const root = await rootSide(rig);
  const decides = ephemeralKeyPair();
  root.unit(TARGET, await rig.port(), SLOW_S);
  root.writePolicy({
    node: NODE,
    decided: { units: "any" },
    budgets: { per_target_per_hour: 100, per_hour: 100 },
  });
  const key = rig.file("decides.pub", keyName(decides.publicKey));
  await root.helper("trust", "add", key, "--yes", "--settings", root.settings);
  return { root, decides };
}

/** When the helper is killed: between burning an approval and acting, or in the middle of the act. */
type When = "before" | "while";

/** `forgets`: nothing that was written into the journal since the helper began to listen outlives it. */
async function judge(rig: Rig, kills: readonly When[], forgets = false): Promise<string> {
  const { root, decides } = await prepared(rig);
  const journal = join(root.state, "journal");
  let acted = 0;
  for (const when of kills) {
    const atBurn = when === "before";
    const before = root.acts().length;
    const child = await root.listen(
      atBurn ? { faults: true, env: { CORTEX_FAILPOINT: "helper.burnt" } } : { faults: true },
    );
    const kept = statSync(journal).size;
    const work = workFor(restart(TARGET));
    const line = actLine(work, approvalOf(work, decides));
    const answer = say(rig, root, line);
    if (!atBurn) {
      await until(() => root.acts().length > before, {
        what: "systemd was told",
        timeoutMs: 10_000,
        everyMs: 5,
      });
      signal(helperPid(root), "SIGKILL");
    }
    ensureEqual(await answer, "", "what a killed helper says");
    await child.exited;
    if (forgets) truncateSync(journal, kept);
    const later = await root.listen({ faults: true });
    const again = await say(rig, root, line);
    const acts = root.acts().length - before;
    ensureEqual(acts, atBurn ? 0 : 1, `acts of an approval whose helper was killed ${when} it acted`);
    ensure(again.includes("helper.replayed"), `used again after the kill: ${again}`);
    acted += acts;
    signal(helperPid(root), "SIGTERM");
    await later.exited;
  }
  const log = await root.helper("log", "--json", "--state", root.state);
  const kinds = (JSON.parse(log.stdout) as { kind: string }[]).map(({ kind }) => kind);
  ensureEqual(
    kinds.filter((kind) => kind === "interrupted").length,
    kills.length,
    "interrupted acts in the journal",
  );
  return `${kills.length} kills between burning and acting and while acting: ${acted} acts of ${kills.length} approvals, none twice, each in the journal as interrupted`;
}

const scenario: Scenario = {
  name: "helper-killed",
  quick: false,
  timeoutMs: 180_000,
  threats: ["T28", "T41"],
  run: (rig) =>
    judge(
      rig,
      Array.from({ length: rig.quick ? 3 : 8 }, (_, at) => (at % 2 === 0 ? "before" : "while")),
    ),
  /** A helper that acts before what it is about to do is durable: the end takes its memory of it along. */
  control: (rig) => judge(rig, ["while"], true),
};
export default scenario;
