/**
 * Long-lived processes in their own session: they outlive Cortex and are found again after its restart.
 *
 * A process is named by pid, start time, boot id and program. The first three are unique on their own; the program is
 * compared too, so that a stored identity can never name a process of something else.
 */
import { closeSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { constants } from "node:os";
import { dirname, isAbsolute } from "node:path";
import {
  type Clock,
  type DaemonExit,
  type DaemonLog,
  type Daemons,
  type DaemonSpec,
  defineErrors,
  messageOf,
  type ProcessIdentity,
} from "cortex";
import { lastLineOf, rotateLog, sizeOf } from "./daemon-log.ts";
import { failpoint } from "../failpoint.ts";
import { readHostFacts } from "../host-facts.ts";
import {
  isDead,
  type ProcessStat,
  readEnviron,
  readExe,
  readStat,
  realPath,
  sameProgram,
} from "./process-stat.ts";
import { FIXED_ENV } from "./programs.ts";

const errors = defineErrors("daemon", { spawn_failed: "unavailable", signal_denied: "forbidden" });

/** Records of ended children kept for late watchers; more than a host supervises. */
const MAX_RECORDS = 256;

export interface DaemonsOptions {
  clock: Clock;
  /** How often adopted processes are looked at; the contract allows 250 ms. */
  pollMs?: number;
  /** How often the size of watched output is looked at. */
  logCheckMs?: number;
}

interface OwnChild {
  identity: ProcessIdentity;
  logFile: string;
  /** How long its log was before it began: what others said is not its last word. */
  logFrom: number;
  exit: DaemonExit | null;
  watchers: Set<(exit: DaemonExit) => void>;
}

interface Watch {
  identity: ProcessIdentity;
  onExit: (exit: DaemonExit) => void;
  log?: DaemonLog;
}

export function createDaemons({ clock, pollMs = 200, logCheckMs = 5000 }: DaemonsOptions): Daemons {
  const bootId = readHostFacts().bootId;
  const ownGroup = readStat(process.pid)?.pgrp ?? process.pid;
  const children = new Map<number, OwnChild>();
  const adopted = new Set<Watch>();
  const pollAdopted = repeat(clock, pollMs, () => {
    // A pidfd would tell the moment of the end, but Bun can't wait for a descriptor without blocking a thread in
    // poll(2); reading one short file per adopted process five times a second costs about 10 µs each.
    for (const watch of adopted) {
      if (statOf(watch.identity)) continue;
      adopted.delete(watch);
      const lastLine = watch.log ? lastLineOf(watch.log.file) : "";
      watch.onExit({ identity: watch.identity, exitCode: null, signal: null, lastLine });
    }
    return adopted.size > 0;
  });
  const logs = new Map<string, DaemonLog>();
  const checkLogs = repeat(clock, logCheckMs, () => {
    for (const log of logs.values()) rotateLog(log);
    return logs.size > 0;
  });

  const childOf = (identity: ProcessIdentity): OwnChild | null => {
    const child = children.get(identity.pid);
    return child && child.identity.startTicks === identity.startTicks && identity.bootId === bootId
      ? child
      : null;
  };

  /** The stat of exactly this process while it lives, else null. */
  const statOf = (identity: ProcessIdentity): ProcessStat | null => {
    if (identity.bootId !== bootId || identity.pid <= 1) return null;
    const child = childOf(identity);
    if (child?.exit) return null;
    const stat = readStat(identity.pid);
    if (!stat || isDead(stat) || stat.startTicks !== identity.startTicks) return null;
    // An own child may have replaced its program (`exec` in a wrapper script); it is still the same process.
    return child || sameProgram(identity.exe, readExe(identity.pid)) ? stat : null;
  };

  const recordExit = (child: OwnChild, exitCode: number | null, signal: string | null) => {
    child.exit = {
      identity: child.identity,
      exitCode,
      signal,
      lastLine: lastLineOf(child.logFile, child.logFrom),
    };
    for (const onExit of child.watchers) onExit(child.exit);
    child.watchers.clear();
    const ended = [...children].filter(([, other]) => other.exit);
    for (const [pid] of ended.slice(0, Math.max(0, ended.length - MAX_RECORDS))) children.delete(pid);
  };

  return {
    async start(spec) {
      const early: { code: number | null; signal: string | null }[] = [];
      let child: OwnChild | null = null;
      const logFrom = sizeOf(spec.logFile);
      const pid = spawn(spec, (code, signal) => {
        if (child) recordExit(child, code, signal);
        else early.push({ code, signal });
      });
      await failpoint("daemon.spawned");
      const identity = { pid, bootId, ...(await settle(pid, spec.argv[0]!, clock)) };
      child = { identity, logFile: spec.logFile, logFrom, exit: null, watchers: new Set() };
      children.set(pid, child);
      if (early[0]) recordExit(child, early[0].code, early[0].signal);
      return identity;
    },

    alive: (identity) => statOf(identity) !== null,

    watch(identity, onExit, log) {
      const child = childOf(identity);
      const watch: Watch = { identity, onExit, log };
      const stop = child ? watchChild(child, onExit) : () => void adopted.delete(watch);
      if (!child) {
        adopted.add(watch);
        pollAdopted();
      }
      if (log) {
        logs.set(log.file, log);
        checkLogs();
      }
      return () => {
        stop();
        if (log && logs.get(log.file) === log) logs.delete(log.file);
      };
    },

    signal(identity, signal, to = "group") {
      const stat = statOf(identity);
      if (!stat) return false;
      // Only a group that is certainly not ours or init's is signalled whole.
      const whole = to === "group" && stat.pgrp > 1 && stat.pgrp !== ownGroup;
      const target = whole ? -stat.pgrp : identity.pid;
      try {
        process.kill(target, signal);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
        throw errors.signal_denied(`can't send ${signal} to process ${identity.pid}: ${messageOf(error)}`, {
          cause: error,
        });
      }
    },

    findByEnv(name, value) {
      const wanted = `${name}=${value}`;
      const found: ProcessIdentity[] = [];
      for (const entry of readdirSync("/proc")) {
        const pid = Number(entry);
        if (!Number.isSafeInteger(pid) || pid === process.pid) continue;
        const stat = readStat(pid);
        if (!stat || isDead(stat) || !readEnviron(pid).includes(wanted)) continue;
        found.push({ pid, startTicks: stat.startTicks, bootId, exe: readExe(pid) });
      }
      return found;
    },
  };
}

/** Run `step` every `ms` from the first call on, until it answers false; a later call starts it again. */
function repeat(clock: Clock, ms: number, step: () => boolean): () => void {
  let pending = false;
  const arm = () => {
    if (pending) return;
    pending = true;
    clock.after(ms, () => {
      pending = false;
      if (step()) arm();
    });
  };
  return arm;
}

function spawn(spec: DaemonSpec, onExit: (code: number | null, signal: string | null) => void): number {
  const program = spec.argv[0];
  if (!program || !isAbsolute(program)) {
    throw errors.spawn_failed(`can't start "${program ?? ""}": give the program's absolute path`);
  }
  let log: number | null = null;
  try {
    mkdirSync(dirname(spec.logFile), { recursive: true, mode: 0o700 });
    log = openSync(spec.logFile, "a", 0o600);
    const child = Bun.spawn([...spec.argv], {
      // setsid: own session and process group, so that no terminal and no signal to our group reaches it.
      detached: true,
      stdin: "ignore",
      stdout: log,
      stderr: log,
      cwd: spec.cwd ?? "/",
      // Nothing is inherited, so LD_PRELOAD or BUN_OPTIONS can't reach the child.
      env: { ...FIXED_ENV, ...spec.env },
      uid: spec.uid,
      gid: spec.gid,
      onExit: (_child, code, signal) => onExit(code, signal === null ? null : signalName(signal)),
    });
    child.unref();
    return child.pid;
  } catch (error) {
    throw errors.spawn_failed(`can't start ${program}: ${messageOf(error)}`, { cause: error });
  } finally {
    if (log !== null) closeSync(log);
  }
}

/**
 * Start time and program of a new child. Bun returns after exec, but a kernel may still show our own program, or no
 * environment yet, for a moment: look again, at most 50 ms. A child that has already ended keeps the path it was started by.
 */
async function settle(
  pid: number,
  program: string,
  clock: Clock,
): Promise<{ startTicks: number; exe: string }> {
  const launcher = readExe(process.pid);
  const expected = realPath(program);
  const startTicks = readStat(pid)?.startTicks ?? 0;
  let exe = readExe(pid);
  const isBetween = () => (exe === launcher && exe !== expected) || readEnviron(pid).join("") === "";
  for (let tries = 0; tries < 10 && exe !== "" && isBetween(); tries += 1) {
    await clock.sleep(5);
    exe = readExe(pid);
  }
  return { startTicks, exe: exe === "" || exe === launcher ? expected : exe };
}

function watchChild(child: OwnChild, onExit: (exit: DaemonExit) => void): () => void {
  const { exit } = child;
  if (!exit) {
    child.watchers.add(onExit);
    return () => child.watchers.delete(onExit);
  }
  let stopped = false;
  queueMicrotask(() => {
    if (!stopped) onExit(exit);
  });
  return () => {
    stopped = true;
  };
}

function signalName(signal: number | string): string {
  if (typeof signal === "string") return signal;
  return Object.entries(constants.signals).find(([, value]) => value === signal)?.[0] ?? `signal ${signal}`;
}
