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
import { forgetApproval } from "./forgetful.ts";
import { decisionsOf, pendingDecision, startCritical } from "./waiting.ts";

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

interface Blow {
  env?: Record<string, string>;
  /** How it ends; what its service wrote down so far is what `begun` answers. */
  kill: (cortex: Cortex, port: number, begun: () => string[]) => Promise<void>;
  /** What happens to the machine while it is down. */
  meanwhile?: (cortex: Cortex, port: number, begun: () => string[]) => Promise<void> | void;
}

async function round(
  rig: Rig,
  program: string,
  { env = {}, kill, meanwhile = () => {} }: Blow,
): Promise<void> {
  const marker = join(rig.folder, `marker-${crypto.randomUUID()}`);
  const { cortex, port } = await startCritical(rig, {
    faults: true,
    env,
    start: (at) => ["/usr/bin/python3", program, String(at), marker],
  });
  const begun = () => starts(marker).filter((one) => one !== "supervision");
  await killService(port);
  await kill(cortex, port, begun);
  await meanwhile(cortex, port, begun);
  await cortex.restart({ env: {} });
  await approveUntilServing(cortex, port);
  await until(async () => (await repairs(cortex)).every(({ state }) => FINAL.includes(state)), {
    what: "every intent has an end",
    timeoutMs: 30_000,
    everyMs: 100,
  });
  await serving(port);
  const counts = Map.groupBy(begun(), (intent) => intent);
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

/** The act is done and its Monitor has not heard that it was told; then Cortex goes, and after it the service. */
const UNHEARD: Blow = {
  env: { CORTEX_FAILPOINT: "decision.sent:sleep-600000" },
  async kill(cortex, _, begun) {
    const { id } = await pendingDecision(cortex, 30_000);
    const { status, text } = await cortex.api("POST", `decisions/${id}/verdict`, { verdict: "approve" });
    ensureEqual(status, 200, `approve (${text})`);
    await until(() => begun().length > 0, { what: "the approved start", timeoutMs: 30_000 });
    await cortex.kill();
  },
  meanwhile: async (_, port) => void (await killService(port)),
};

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
      await round(rig, program, { env: { CORTEX_FAILPOINT: place }, kill: dieAt });
    }
    rig.say("killed after the act, unheard, and the service with it");
    await round(rig, program, UNHEARD);
    const random = createRandom();
    const rounds = rig.quick ? 2 : 15;
    for (let number = 0; number < rounds; number += 1)
      await round(rig, program, {
        async kill(cortex, port) {
          const decide = approveUntilServing(cortex, port).catch(() => undefined);
          await pause(random.between(500, 3500));
          await cortex.kill();
          await Promise.race([decide, pause(100)]);
        },
      });
    return `killed at ${places.length} places, once unheard after the act, and ${rounds} times at random: one end per decision and intent, each applied at most once, ledger holds; seed ${random.seed}`;
  },
  /** A machine whose memory of the approval does not outlive the kill: told again, it starts the service again. */
  async control(rig) {
    await round(rig, rig.file("service.py", PROGRAM), {
      ...UNHEARD,
      async meanwhile(cortex, port, begun) {
        await killService(port);
        forgetApproval(cortex.dataDir, begun()[0]!);
      },
    });
    return "started once";
  },
};
export default scenario;
