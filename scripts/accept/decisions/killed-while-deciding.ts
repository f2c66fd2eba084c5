import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DecisionItem } from "../../../core/monitor/items.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { end, processesOf } from "../lib/processes.ts";
import { createRandom } from "../lib/random.ts";
import type { Rig } from "../lib/rig.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { serving } from "../loop/demo.ts";
import { killService, repairs } from "../loop/one-repair.ts";
import { decisionsOf, startCritical } from "./waiting.ts";

/** Every place on the way of a decision at which the program can end, in order. */
const PLACES = [
  "decision.opened",
  "decision.judging",
  "decision.approving",
  "decision.decided",
  "decision.sending",
  "approval.checked",
  "approval.burnt",
  "approval.stored",
  "decision.sent",
  "executing",
  "applied",
  "verifying",
] as const;
const QUICK = ["decision.approving", "decision.decided", "approval.burnt", "executing"] as const;

/** The service writes down who started it before it serves. */
const PROGRAM = `
import http.server, os, sys
with open(sys.argv[2], "a") as marker:
    marker.write(os.environ.get("CORTEX_INTENT", "supervision") + "\\n")
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
`;

const FINAL = ["rejected", "expired", "superseded", "verified", "failed", "undone"];

/** Approve whatever waits, until the service serves; what the program does while it dies does not matter. */
async function approveUntilServing(cortex: Cortex, port: number): Promise<void> {
  await until(
    async () => {
      const { items } = await decisionsOf(cortex, "?state=pending").catch(() => ({
        items: [] as DecisionItem[],
      }));
      for (const { id } of items)
        await cortex.api("POST", `decisions/${id}/verdict`, { verdict: "approve" }).catch(() => undefined);
      return fetch(`http://127.0.0.1:${port}/`).then(
        async (response) => {
          await response.body?.cancel();
          return true;
        },
        () => false,
      );
    },
    { what: "the service serves after the restart", timeoutMs: 30_000, everyMs: 200 },
  );
}

async function round(
  rig: Rig,
  program: string,
  kill: (cortex: Cortex) => Promise<void>,
  env: Record<string, string>,
) {
  const marker = join(rig.folder, `marker-${crypto.randomUUID()}`);
  const { cortex, port } = await startCritical(rig, {
    faults: true,
    env,
    start: (at) => ["/usr/bin/python3", program, String(at), marker],
  });
  await killService(port);
  await kill(cortex);
  const before = starts(marker).filter((one) => one !== "supervision").length;
  await cortex.restart({ env: {} });
  await approveUntilServing(cortex, port);
  await until(async () => (await repairs(cortex)).every(({ state }) => FINAL.includes(state)), {
    what: "every intent has an end",
    timeoutMs: 30_000,
    everyMs: 100,
  });
  await serving(port);
  const counts = Map.groupBy(
    starts(marker).filter((one) => one !== "supervision"),
    (intent) => intent,
  );
  for (const [intent, lines] of counts) ensureEqual(lines.length, 1, `starts by intent ${intent}`);
  // One start by supervision, before the service was killed: nobody opened another door.
  ensureEqual(starts(marker).filter((one) => one === "supervision").length, 1, "starts by supervision");
  const { items } = await decisionsOf(cortex);
  const open = items.filter(({ state }) => state === "pending");
  ensureEqual(open.length, 0, "decisions without an end");
  const verified = await cortex.cli("intents", "verify");
  ensureEqual(verified.code, 0, `intents verify (${verified.stdout.trim()})`);
  await cortex.stop();
  await end(processesOf(marker));
  return before;
}

const starts = (marker: string): string[] => readFileSync(marker, "utf8").trim().split("\n").filter(Boolean);

/** Wait for the end that the failpoint brings; whoever could decide does so meanwhile. */
async function dieAt(cortex: Cortex): Promise<void> {
  const decide = async () => {
    while (cortex.isRunning) {
      const { items } = await decisionsOf(cortex, "?state=pending").catch(() => ({
        items: [] as DecisionItem[],
      }));
      for (const { id } of items)
        await cortex.api("POST", `decisions/${id}/verdict`, { verdict: "approve" }).catch(() => undefined);
      await pause(50);
    }
  };
  await Promise.race([Promise.all([cortex.exited(), decide()]), pause(20_000)]);
  ensure(!cortex.isRunning, "the failpoint was not reached");
}

const scenario: Scenario = {
  name: "killed-while-deciding",
  quick: true,
  timeoutMs: 900_000,
  threats: ["T34"],
  async run(rig) {
    const program = rig.file("service.py", PROGRAM);
    const places = rig.quick ? QUICK : PLACES;
    for (const place of places) {
      rig.say(`killed at ${place}`);
      await round(rig, program, dieAt, { CORTEX_FAILPOINT: place });
    }
    const random = createRandom();
    const rounds = rig.quick ? 2 : 15;
    for (let number = 0; number < rounds; number += 1)
      await round(
        rig,
        program,
        async (cortex) => {
          const decide = approveUntilServing(cortex, cortex.port).catch(() => undefined);
          await pause(random.between(500, 3500));
          await cortex.kill();
          await Promise.race([decide, pause(100)]);
        },
        {},
      );
    return `killed at ${places.length} places and ${rounds} times at random: one end per decision and intent, each applied at most once, ledger holds; seed ${random.seed}`;
  },
};
export default scenario;
