/** T07, T08: a node gets a new key while it works on; a copy of the old one is worth nothing and disturbs nobody. */
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { joinMachine, type Machine } from "./remote.ts";
import { FORGETS_RETIREMENT, spoilMonitor } from "./spoiled-store.ts";

const ROUNDS = 3;
const WORDS = /words ([a-z ]+)/;

const wordsOn = async (machine: Machine) => WORDS.exec((await machine.cli("link")).stdout)?.[1]?.trim();
const wordsThere = async (monitor: Cortex) =>
  WORDS.exec((await monitor.cli("nodes", "show", "web-1")).stdout)?.[1]?.trim();

async function rotate(rig: Rig, monitor: Cortex): Promise<string> {
  const machine = await joinMachine(rig, monitor, { name: "web-1", token: ["--auto-approve"] });
  const copy = machine.copy();
  machine.start();
  const node = async () =>
    (await monitor.api<{ state: string; lastSeenAt: string }>("GET", `nodes/${machine.id}`)).json;
  const isHeardAfter = (when: number, what: string) =>
    until(async () => Date.parse((await node()).lastSeenAt) > when, { what, timeoutMs: 30_000 });
  await isHeardAfter(now(), "it is heard");
  let slowest = 0;
  const seen = new Set([await wordsThere(monitor)]);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const asked = now();
    const { code, stderr } = await monitor.cli("nodes", "rotate", "web-1");
    ensureEqual(code, 0, `nodes rotate: ${stderr}`);
    await isHeardAfter(now(), `it is heard with key ${round + 1}`);
    slowest = Math.max(slowest, now() - asked);
    const words = await wordsThere(monitor);
    ensure(words !== undefined && !seen.has(words), `the key is no new one: ${words}`);
    seen.add(words);
    ensureEqual(await wordsOn(machine), words, "words on both sides");
  }
  await machine.stop();
  const before = JSON.stringify((await monitor.api("GET", "identities")).json);
  copy.start();
  const isAnswered = async () => {
    const link = await copy.link();
    return link !== null && link.lastAnswerAt !== null && link.state !== "connecting" && link.state;
  };
  const refused = await until(isAnswered, { what: "the copy is answered", timeoutMs: 20_000 });
  ensureEqual(refused, "refused", "the copy of the old key");
  await pause(3000);
  await copy.stop();
  ensureEqual(
    JSON.stringify((await monitor.api("GET", "identities")).json),
    before,
    "what the copy of the old key reached",
  );
  machine.start();
  await isHeardAfter(now(), "it is heard after its restart");
  const { state } = await node();
  ensure(["online", "degraded"].includes(state), `it is ${state}`);
  return `${ROUNDS} keys, each in use within ${inTime(slowest)}; a copy of the first one is ${refused}`;
}

export default {
  name: "new-key",
  quick: true,
  timeoutMs: 120_000,
  threats: ["T07", "T08"],
  run: async (rig) => rotate(rig, await rig.cortex()),
  /** On a store in which an old key stays as good as the new one. */
  async control(rig) {
    const monitor = await rig.cortex();
    await spoilMonitor(monitor, FORGETS_RETIREMENT);
    return rotate(rig, monitor);
  },
} satisfies Scenario;
