/**
 * What is known of one declared process across restarts of Cortex. The identity is stored before the process counts as
 * started; what an interrupted start left behind is found by the marks that every start gives: CORTEX_SERVICE (this
 * instance of this data folder) and CORTEX_INTENT.
 */
import {
  CortexError,
  type DaemonSpec,
  formatDuration,
  type PluginContext,
  type ProcessIdentity,
} from "cortex";
import { findByOutput, readProcess } from "./processes.ts";
import { parseUser } from "./service.parse.ts";
import type { ServiceConfig } from "./service.config.ts";

export interface Running {
  identity: ProcessIdentity;
  /** The intent that started it; null when supervision did. */
  intent: string | null;
  /** Command it was started with; the config may have changed since. */
  argv: readonly string[];
}

export interface Ended {
  /** Epoch ms. */
  at: number;
  exitCode: number | null;
  signal: string | null;
  lastLine: string;
  /** null when it was not started by this run of Cortex. */
  ranMs: number | null;
}

export interface Stored {
  /** Set before a start, cleared once its identity is stored. */
  starting: { intent: string | null } | null;
  /** The last one started; it may have ended since. */
  running: Running | null;
  ended: Ended | null;
  /** Wall ms of the last reload. */
  reloadedAt: number | null;
}

const EMPTY: Stored = { starting: null, running: null, ended: null, reloadedAt: null };

/** `{ exitCode: 1, ranMs: 30 }` → "exited with code 1 after 30ms". The last line of its log is a detail, no headline. */
export function describeEnd(ended: Ended): string {
  const code = ended.exitCode === null ? "ended" : `exited with code ${ended.exitCode}`;
  const how = ended.signal === null ? code : `was ended by ${ended.signal}`;
  const after = ended.ranMs === null ? "" : ` after ${formatDuration(ended.ranMs)}`;
  return `${how}${after}`;
}

export function createServiceState(ctx: PluginContext, config: ServiceConfig) {
  const { daemons, store } = ctx;
  const argv = config.start ?? [];
  const logFile = ctx.paths.services === null ? null : `${ctx.paths.services}/${ctx.instance}.log`;
  /** Unique to this data folder: another Cortex on the host may supervise a service of the same name. */
  const mark = `${ctx.paths.services ?? "-"}/${ctx.instance}`;

  const read = (): Stored => store.get<Stored>("process") ?? EMPTY;
  const write = (change: Partial<Stored>) => store.set("process", { ...read(), ...change });

  /** Session leaders with this mark, oldest first. A mark is inherited, so other processes may carry it too. */
  async function search(name: "CORTEX_SERVICE" | "CORTEX_INTENT", value: string): Promise<ProcessIdentity[]> {
    const leaders: ProcessIdentity[] = [];
    for (const identity of daemons.findByEnv(name, value)) {
      const entry = await readProcess(ctx.fs, identity.pid);
      if (entry === null || entry.session === identity.pid) leaders.push(identity);
    }
    return leaders.sort((a, b) => a.startTicks - b.startTicks);
  }

  /** Of this service by mark and command, and younger than the one that is stored. */
  async function findLater(known: ProcessIdentity): Promise<Running | null> {
    for (const identity of await search("CORTEX_SERVICE", mark)) {
      if (identity.bootId === known.bootId && identity.startTicks <= known.startTicks) continue;
      const command = await ctx.fs.readText(`/proc/${identity.pid}/cmdline`).catch(() => "");
      // A script is run by its interpreter, which the kernel puts before it.
      const given = command.split("\0").slice(0, -1).slice(-argv.length);
      if (argv.every((part, index) => part === given[index])) return { identity, intent: null, argv };
    }
    return null;
  }

  return {
    logFile,
    argv,
    read,
    write,

    /** The service's process while it lives. */
    current(): Running | null {
      const { running } = read();
      return running && daemons.alive(running.identity) ? running : null;
    },

    startedBy: async (intent: string): Promise<ProcessIdentity | null> =>
      (await search("CORTEX_INTENT", intent))[0] ?? null,

    /**
     * What runs although no identity is stored: a start was cut off, or the store is new, or a backup from before the start
     * was restored. Where one is stored and has ended, only the declared command counts, because a daemon that the service
     * itself had started carries its mark too.
     */
    async findLost(): Promise<Running | null> {
      const { starting, running } = read();
      if (starting === null && running !== null) return findLater(running.identity);
      const intent = starting?.intent ?? null;
      const byIntent = intent === null ? null : (await search("CORTEX_INTENT", intent))[0];
      const byMark = byIntent ?? (await search("CORTEX_SERVICE", mark))[0];
      // Programs that set their own title (nginx) overwrite their environment: their output still names them.
      const found = byMark ?? (logFile && (await findByOutput(ctx.fs, logFile, ctx.node.bootId))[0]);
      return found ? { identity: found, intent, argv } : null;
    },

    /** A wrapper script replaces itself by the real program: store that one, so that it is known again later. */
    refresh(): void {
      const { running } = read();
      if (!running) return;
      const { pid, startTicks, exe } = running.identity;
      const now = daemons
        .findByEnv("CORTEX_SERVICE", mark)
        .find((found) => found.pid === pid && found.startTicks === startTicks);
      if (now && now.exe !== exe) write({ running: { ...running, identity: now } });
    },

    /** Errors: `service.no_data_folder`, `service.unknown_user`. */
    async spec(intent: string | null): Promise<DaemonSpec> {
      const { instance } = ctx;
      if (logFile === null)
        throw new CortexError(
          "service.no_data_folder",
          "unavailable",
          `${instance} can't be started without a data folder`,
        );
      const passwd = config.user === undefined ? "" : await ctx.fs.readText("/etc/passwd");
      const user = config.user === undefined ? {} : parseUser(passwd, config.user);
      if (user === null)
        throw new CortexError(
          "service.unknown_user",
          "invalid",
          `${instance}: there is no user ${config.user}`,
        );
      const marks = { CORTEX_SERVICE: mark, ...(intent === null ? {} : { CORTEX_INTENT: intent }) };
      return { argv, cwd: config.cwd, env: { ...config.env, ...marks }, logFile, ...user };
    },
  };
}
