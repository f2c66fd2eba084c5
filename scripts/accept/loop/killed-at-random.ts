import { Database } from "bun:sqlite";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { end, listenerOf, processesOf, signal } from "../lib/processes.ts";
import { createRandom, type Random } from "../lib/random.ts";
import type { Rig } from "../lib/rig.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { demoService, serving, WIDE_BUDGETS } from "./demo.ts";
import { repairs } from "./one-repair.ts";

/**
 * The service leaves a line per start, by whom it was started, and takes its time before it serves: however fast the
 * machine is, the act lasts long enough to be hit.
 */
const PROGRAM = `
import http.server, os, sys, time
with open(sys.argv[2], "a") as marker:
    marker.write(os.environ.get("CORTEX_INTENT", "supervision") + "\\n")
time.sleep(0.4)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
`;

/** Moments to aim at: from the first sight of this state on, a random time of up to so many ms. */
const AIMS = [
  { state: "proposed", upToMs: 15 },
  { state: "executing", upToMs: 400 },
  { state: "verifying", upToMs: 900 },
] as const;
type Aim = (typeof AIMS)[number];

/** What is killed at random: Cortex, or in the control a supervisor that looks at nothing. */
interface Subject {
  /** Resolves when an intent has reached this state (or one that follows it). */
  reached(state: Aim["state"]): Promise<void>;
  kill(): Promise<void>;
  /** State of the newest intent on disk, read while nothing runs. */
  stateOnDisk(): string;
  /** Start again and wait until everything that was under way is settled. */
  recover(): Promise<void>;
  finish(): Promise<void>;
}

interface Place {
  port: number;
  marker: string;
  argv: string[];
}

const ORDER = ["proposed", "approved", "executing", "verifying", "verified"];
const isAtLeast = (state: string, wanted: string) => ORDER.indexOf(state) >= ORDER.indexOf(wanted);

async function cortexAt(rig: Rig, { port, argv }: Place): Promise<Subject> {
  const service = { ...demoService(port), start: argv };
  const cortex = await rig.cortex({
    config: { version: 1, ...WIDE_BUDGETS, plugins: { service: [service] } },
  });
  await serving(port);
  const live = await cortex.live(["intents"]);
  return {
    async reached(state) {
      await live.wait("intents", (one) => one.kind === "repair" && isAtLeast(one.state, state), {
        what: `a repair is ${state}`,
      });
    },
    async kill() {
      await cortex.kill();
      live.close();
    },
    stateOnDisk: () => newestState(join(cortex.dataDir, "agent.db"), join(rig.folder, "copy")),
    async recover() {
      await cortex.restart();
      await serving(port);
      await until(
        async () =>
          (await repairs(cortex)).every((one) => ["verified", "failed", "superseded"].includes(one.state)),
        { what: "every intent is settled", timeoutMs: 20_000, everyMs: 50 },
      );
      await serving(port);
    },
    async finish() {
      const verified = await cortex.cli("intents", "verify");
      ensureEqual(verified.code, 0, `intents verify (${verified.stdout.trim()})`);
      await cortex.stop();
    },
  };
}

/** Read from a copy: looking must not finish what the crash left in the write-ahead log. */
function newestState(database: string, folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const suffix of ["", "-wal"])
    if (existsSync(database + suffix)) copyFileSync(database + suffix, join(folder, `agent.db${suffix}`));
  const db = new Database(join(folder, "agent.db"));
  try {
    const row = db
      .query<{ state: string }, []>(
        "SELECT state FROM intents WHERE kind = 'repair' ORDER BY created_at DESC, id DESC LIMIT 1",
      )
      .get();
    return row?.state ?? "none";
  } finally {
    db.close();
  }
}

async function naiveAt(rig: Rig, { port, argv, marker }: Place): Promise<Subject> {
  const stateFile = `${marker}.state`;
  const start = () =>
    Bun.spawn(
      [process.execPath, join(import.meta.dir, "naive-supervisor.ts"), stateFile, String(port), ...argv],
      {
        cwd: rig.folder,
        stdin: "ignore",
        stdout: "ignore",
        stderr: "ignore",
      },
    );
  const state = () => {
    try {
      return (JSON.parse(readFileSync(stateFile, "utf8")) as { state: string }).state;
    } catch {
      return "none";
    }
  };
  const settled = () =>
    until(() => state() === "verified", { what: "the naive one is done", timeoutMs: 20_000 });
  let child = start();
  rig.atEnd(() => signal(child.pid, "SIGKILL"));
  await serving(port);
  await settled();
  return {
    async reached(wanted) {
      // It has no proposals: the earliest moment is that of the act.
      const aim = wanted === "proposed" ? "executing" : wanted;
      await until(() => state() !== "verified" && isAtLeast(state(), aim), {
        what: aim,
        timeoutMs: 10_000,
        everyMs: 2,
      });
    },
    async kill() {
      signal(child.pid, "SIGKILL");
      await child.exited;
    },
    stateOnDisk: state,
    async recover() {
      child = start();
      await serving(port);
      await settled();
    },
    async finish() {
      signal(child.pid, "SIGKILL");
      await child.exited;
    },
  };
}

/** One service on a fresh folder: it is killed, and whoever repairs it is killed at a random moment of that. */
async function round(
  rig: Rig,
  random: Random,
  aim: Aim,
  begin: typeof cortexAt,
  program: string,
): Promise<string> {
  const port = await rig.port();
  const marker = join(rig.folder, `marker-${port}`);
  const place = { port, marker, argv: ["/usr/bin/python3", program, String(port), marker] };
  const subject = await begin(rig, place);
  const pid = listenerOf(port);
  ensure(pid !== null, "nobody listens on the service's port");
  signal(pid, "SIGKILL");
  await subject.reached(aim.state);
  await pause(random.between(0, aim.upToMs));
  await subject.kill();
  const state = subject.stateOnDisk();
  await subject.recover();

  const starts = readFileSync(marker, "utf8").trim().split("\n");
  const byIntent = Map.groupBy(
    starts.filter((line) => line !== "supervision"),
    (line) => line,
  );
  for (const [intent, lines] of byIntent)
    ensure(
      lines.length === 1,
      `intent ${intent} started the service ${lines.length} times (killed while ${state})`,
    );
  // The naive one never ends what it started before, but that is not what it is here to show.
  const alive = processesOf(marker).filter((one) => one !== process.pid);
  if (begin === cortexAt)
    ensureEqual(alive.filter((one) => isService(one, program)).length, 1, "processes of the service");
  await subject.finish();
  await end(processesOf(marker));
  return state;
}

const isService = (pid: number, program: string) =>
  readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(`${program}\0`);

async function killedAtRandom(rig: Rig, begin: typeof cortexAt): Promise<string> {
  const random = createRandom();
  const rounds = rig.quick ? 10 : 50;
  const needed = rig.quick ? 2 : 5;
  rig.say(`seed ${random.seed}; repeat with CORTEX_ACCEPT_SEED=${random.seed}`);
  const program = rig.file("service.py", PROGRAM);
  const histogram: Record<string, number> = {};
  const missed = () => AIMS.filter((one) => one.state !== "proposed" && (histogram[one.state] ?? 0) < needed);
  let number = 0;
  // On a busy machine some miss what they aim at; what they hit instead counts, too.
  for (; number < rounds || (missed().length > 0 && number < 2 * rounds); number += 1) {
    // What is still missing is aimed at more often; the first moments are over too soon to be hit at will.
    const missing = missed();
    const isLate = rounds - number <= 3 * needed;
    const choice = missing.length > 0 && (isLate || random.next() < 0.5) ? missing : AIMS;
    const aim = choice[Math.floor(random.next() * choice.length)]!;
    const state = await round(rig, random, aim, begin, program);
    histogram[state] = (histogram[state] ?? 0) + 1;
  }
  const phases = ["none", ...ORDER].flatMap((state) =>
    histogram[state] ? [`${state} ${histogram[state]}`] : [],
  );
  for (const state of ["executing", "verifying"])
    ensure(
      (histogram[state] ?? 0) >= needed,
      `too few kills while ${state}: ${phases.join(", ")} (seed ${random.seed})`,
    );
  return `${number} kills (${phases.join(", ")}), every start at most once, ledger holds; seed ${random.seed}`;
}

const scenario: Scenario = {
  name: "killed-at-random",
  quick: true,
  timeoutMs: 900_000,
  run: (rig) => killedAtRandom(rig, cortexAt),
  control: (rig) => killedAtRandom(rig, naiveAt),
};
export default scenario;
