/** Starts, watches and stops one declared process. One act at a time; `busy` says which. */
import { type DaemonExit, formatDuration, messageOf, type PluginContext, type ProcessIdentity } from "cortex";
import { findMembers, type Member } from "./processes.ts";
import type { ServiceConfig } from "./service.config.ts";
import { createServiceState, describeEnd, type Running } from "./service.state.ts";

export interface Outcome {
  ok: boolean;
  summary: string;
  data?: Record<string, unknown>;
}

export type Supervisor = ReturnType<typeof createSupervisor>;

const POLL_MS = 50;
/** A process without a port counts as started when it has lived this long. */
const SETTLE_MS = 1000;
/** The end of an own child is told within this time after the process is gone. */
const EXIT_EVENT_MS = 500;
/** A killed process is gone within this time, unless the kernel holds it in an uninterruptible call. */
const KILL_MS = 2000;

/** `onEnd` is called when it ends without being asked to. */
export function createSupervisor(ctx: PluginContext, config: ServiceConfig, onEnd: () => void) {
  const { clock, daemons } = ctx;
  const state = createServiceState(ctx, config);
  let unwatch: () => void = () => undefined;
  let watched: ProcessIdentity | null = null;
  let startedAt: number | null = null;
  let busy: string | null = null;
  let endIsKnown = false;

  function ended(exit: DaemonExit): void {
    if (watched?.pid !== exit.identity.pid || watched.startTicks !== exit.identity.startTicks) return;
    watched = null;
    endIsKnown = true;
    const ranMs = startedAt === null ? null : clock.monotonic() - startedAt;
    const { exitCode, signal, lastLine = "" } = exit;
    state.write({ ended: { at: clock.now(), exitCode, signal, lastLine, ranMs } });
    if (busy === null) onEnd();
  }

  function watch(running: Running): void {
    unwatch();
    watched = running.identity;
    endIsKnown = false;
    const log = state.logFile === null ? undefined : { file: state.logFile, maxBytes: config.log_max };
    unwatch = daemons.watch(running.identity, ended, log);
  }

  /** Keep an identity for good and watch it; only now does the service count as started. */
  function remember(running: Running): Running {
    state.write({ starting: null, running, ended: null });
    watch(running);
    return running;
  }

  /** Take over what already runs: by its stored identity, else by its marks. */
  async function adopt(): Promise<Running | null> {
    const running = state.current();
    if (running && watched === null) watch(running);
    if (running) return running;
    const lost = await state.findLost();
    if (lost) return remember(lost);
    endIsKnown = state.read().running !== null;
    return null;
  }

  async function isReady(): Promise<boolean> {
    if (config.port === undefined) return false;
    const host = { "0.0.0.0": "127.0.0.1", "::": "::1" }[config.address] ?? config.address;
    return ctx.net.connect(host, config.port, 1000).then(
      () => true,
      () => false,
    );
  }

  /** Wait until it accepts connections (or has lived a second when it has no port), or has ended, or time is up. */
  async function waitReady(identity: ProcessIdentity, signal: AbortSignal): Promise<Outcome> {
    const name = `${ctx.instance} runs as process ${identity.pid}`;
    const begin = clock.monotonic();
    let goneAt: number | null = null;
    for (;;) {
      signal.throwIfAborted();
      const passed = clock.monotonic() - begin;
      const { ended: end } = state.read();
      // An outcome is read by who looks closer: there the program's own words belong to it.
      if (end) {
        const words = end.lastLine === "" ? "" : `: ${end.lastLine}`;
        return { ok: false, summary: `${ctx.instance} ${describeEnd(end)}${words}` };
      }
      if (!daemons.alive(identity)) {
        goneAt ??= passed;
        if (passed - goneAt > EXIT_EVENT_MS) return { ok: false, summary: `${ctx.instance} ended at once` };
      } else if (config.port === undefined) {
        if (passed >= Math.min(SETTLE_MS, config.ready)) return { ok: true, summary: name };
      } else if (await isReady()) {
        if (daemons.alive(identity)) return { ok: true, summary: name };
      } else if (passed >= config.ready) {
        const port = `${config.address}:${config.port}`;
        const late = `but ${port} accepts no connection after ${formatDuration(config.ready)}`;
        return { ok: false, summary: `${name}, ${late}; look into ${state.logFile}` };
      }
      await clock.sleep(POLL_MS, signal);
    }
  }

  /** Ask all to end, wait, then kill once what is still exactly the same process. True when none is left. */
  async function endAll(members: readonly Member[], signal: AbortSignal): Promise<boolean> {
    const alive = () => members.filter(({ identity }) => daemons.alive(identity));
    const waitUntilGone = async (ms: number) => {
      const begin = clock.monotonic();
      while (alive().length > 0 && clock.monotonic() - begin < ms) await clock.sleep(POLL_MS, signal);
    };
    // A signal reaches the whole group, and a second one makes some programs drop their work: one per group.
    const signalGroups = (what: "SIGKILL" | ServiceConfig["stop_signal"]) => {
      const groups = new Map(alive().map((member) => [member.group, member.identity]));
      for (const identity of groups.values()) daemons.signal(identity, what);
    };
    signalGroups(config.stop_signal);
    await waitUntilGone(config.stop_timeout);
    signalGroups("SIGKILL");
    await waitUntilGone(KILL_MS);
    return alive().length === 0;
  }

  /** What a dead service left behind: workers whose leader was killed still hold its port. */
  async function leftovers(): Promise<Member[]> {
    const { running } = state.read();
    return running && !daemons.alive(running.identity) ? findMembers(ctx.fs, running.identity) : [];
  }

  /** While an act lasts, the ends that it causes itself wake nobody. */
  async function acting<T>(what: string, act: () => Promise<T>): Promise<T> {
    busy = what;
    try {
      return await act();
    } finally {
      busy = null;
      if (endIsKnown && !ctx.signal.aborted) onEnd();
    }
  }

  async function launch(intent: string | null, signal: AbortSignal): Promise<Running> {
    const spec = await state.spec(intent);
    await endAll(await leftovers(), signal);
    signal.throwIfAborted();
    state.write({ starting: { intent } });
    startedAt = clock.monotonic();
    try {
      return remember({ identity: await daemons.start(spec), intent, argv: state.argv });
    } catch (error) {
      state.write({ starting: null });
      throw error;
    }
  }

  async function startNow(intent: string, signal: AbortSignal): Promise<Outcome> {
    try {
      const { identity } = await launch(intent, signal);
      const outcome = await waitReady(identity, signal);
      state.refresh();
      return { ...outcome, data: { pid: identity.pid, argv: state.argv } };
    } catch (error) {
      if (signal.aborted) throw error;
      return { ok: false, summary: messageOf(error) };
    }
  }

  async function stopNow(signal: AbortSignal): Promise<Outcome> {
    const running = state.current();
    const leader = running ? [{ identity: running.identity, group: running.identity.pid }] : [];
    const gone = (await endAll(leader, signal)) && (await endAll(await leftovers(), signal));
    const who = running ? `${ctx.instance} (process ${running.identity.pid})` : ctx.instance;
    return { ok: gone, summary: `${who} ${gone ? "ended" : "does not end, not even when killed"}` };
  }

  return {
    state,
    adopt,
    leftovers,
    busy: () => busy,
    /** True from an end that was seen by event, or found when this life of Cortex began, until the next start. */
    endIsKnown: () => endIsKnown,
    ageMs: ({ startTicks }: ProcessIdentity) => ctx.node.uptimeMs() - startTicks * ctx.node.tickMs,
    /** Start by supervision, without waiting. Errors: `daemon.spawn_failed`, `service.*`. */
    launch: (signal: AbortSignal) => acting("being started", () => launch(null, signal)),
    start: (intent: string, signal: AbortSignal) => acting("being started", () => startNow(intent, signal)),
    restart: (intent: string, signal: AbortSignal) =>
      acting("being restarted", async () => {
        const stopped = await stopNow(signal);
        return stopped.ok ? startNow(intent, signal) : stopped;
      }),
    stop: (signal: AbortSignal) => acting("being stopped", () => stopNow(signal)),
    /** Only the process itself is told: its workers may die of the same signal. */
    reload: (running: Running): boolean =>
      config.reload_signal !== undefined && daemons.signal(running.identity, config.reload_signal, "process"),
    close(): void {
      unwatch();
      watched = null;
    },
  };
}
