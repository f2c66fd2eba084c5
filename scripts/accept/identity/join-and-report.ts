/** A machine joins over TLS, is let in, and reports; the line is cut; afterwards all is there, once and in order. */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { joinMachine, type Machine, startLine } from "./remote.ts";
import { FORGETS_MESSAGES, spoil } from "./spoiled-store.ts";

const LONG_CUT_MS = 600_000;
const SHORT_CUT_MS = 15_000;

interface Run {
  id: string;
  check: string;
}

/** Runs of checks as one side has them, in the order in which they were written. */
function runsIn(file: string, sql: string, ...bindings: string[]): Run[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.query<Run, string[]>(sql).all(...bindings);
  } finally {
    db.close();
  }
}

const ofMachine = ({ dataDir }: Machine) =>
  runsIn(
    join(dataDir, "agent.db"),
    "SELECT id, check_name || '~' || instance AS \"check\" FROM inspections ORDER BY id",
  );

/** `triggers`: with what its store is spoiled once it has joined. */
async function report(rig: Rig, cutMs: number, triggers: readonly string[] = []): Promise<string> {
  const monitor = await rig.cortex();
  const line = await startLine(rig, monitor);
  const machine = await joinMachine(rig, monitor, { name: "edge-1", line });
  machine.start();
  if (triggers.length > 0) {
    await until(async () => (await machine.link()) !== null, { what: "it runs", timeoutMs: 20_000 });
    await machine.stop();
    spoil(join(machine.dataDir, "agent.db"), triggers);
    machine.start();
  }
  await until(async () => (await machine.link())?.state === "pending", {
    what: "it waits",
    timeoutMs: 60_000,
  });
  ensureEqual((await monitor.api("GET", `nodes/${machine.id}/metrics`)).status, 200, "known");
  const before = await monitor.api<{ state: string; lastReportAt: string | null }>(
    "GET",
    `nodes/${machine.id}`,
  );
  ensureEqual(
    [before.json.state, before.json.lastReportAt],
    ["pending", null],
    "a waiting node has reported nothing",
  );
  const shown = await monitor.cli("nodes", "pending", "--json");
  const words = (JSON.parse(shown.stdout) as { words: string }[])[0]?.words;
  ensure((await machine.cli("link")).stdout.includes(words ?? "?"), "both sides show the same words");
  ensureEqual((await monitor.cli("nodes", "approve", "edge-1")).code, 0, "approve");
  const let_in = now();
  const online = async () => (await monitor.api<{ state: string }>("GET", `nodes/${machine.id}`)).json.state;
  await until(async () => ["online", "degraded"].includes(await online()), {
    what: "it is online",
    timeoutMs: 60_000,
  });
  const inMs = now() - let_in;

  line.cut(true);
  await pause(cutMs);
  const silent = await machine.link();
  ensureEqual(silent?.state, "unreachable", "the machine knows that it is cut off");
  const waited = silent!.spooled;
  ensure(waited > 0, "it kept what it had to say");
  line.cut(false);
  const back = now();
  await until(async () => (await machine.link())?.spooled === 0, {
    what: "all is delivered",
    timeoutMs: 90_000,
  });
  const caughtUpMs = now() - back;
  await machine.stop();

  const mine = ofMachine(machine);
  const theirs = runsIn(
    join(monitor.dataDir, "monitor.db"),
    "SELECT id, check_name || '~' || instance AS \"check\" FROM inspections WHERE node_id = ? ORDER BY rowid",
    machine.id,
  );
  const missing = mine.filter(({ id }) => !theirs.some((one) => one.id === id));
  // What ended in the very last moment may still lie in the spool: it comes with the next start.
  ensure(missing.length <= 20, `${missing.length} of ${mine.length} runs never arrived`);
  const last = new Map<string, string>();
  for (const { id, check } of theirs) {
    ensure((last.get(check) ?? "") < id, `${check} arrived out of order`);
    last.set(check, id);
  }
  const db = new Database(join(monitor.dataDir, "monitor.db"), { readonly: true });
  const seen = db
    .query<{ ranges: string }, [string]>("SELECT ranges FROM seen WHERE node_id = ?")
    .all(machine.id)
    .map(({ ranges }) => JSON.parse(ranges) as [number, number][]);
  db.close();
  ensure(
    seen.every((ranges) => ranges.length === 1),
    `a message is missing between others: ${JSON.stringify(seen)}`,
  );
  return `let in → online ${inTime(inMs)}; cut for ${inTime(cutMs)}: ${waited} messages waited, all there after ${inTime(caughtUpMs)}, ${theirs.length} runs each once and in order`;
}

export default {
  name: "join-and-report",
  quick: true,
  timeoutMs: LONG_CUT_MS + 240_000,
  run: (rig) => report(rig, rig.quick ? SHORT_CUT_MS : LONG_CUT_MS),
  /** A machine that forgets some of what it had to say. */
  control: (rig) => report(rig, SHORT_CUT_MS, FORGETS_MESSAGES),
} satisfies Scenario;
