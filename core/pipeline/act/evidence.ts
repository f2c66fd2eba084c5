/**
 * Evidence: what could be known at the moment before a repair destroys it. Collectors run in parallel under one budget;
 * what is late is written down as missing. Stored before acting, compressed and redacted, linked from problem and intent.
 */
import { type Clock, formatBytes, type HostFs, messageOf } from "cortex";
import type { Config } from "../../config/schema.ts";
import type { ProblemRecord } from "../../domain/problem.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";

const MAX_PART = 64 * 1024;
const TOP_PROCESSES = 15;

export interface Evidence {
  /** Id of the stored bundle; null when it could not be stored, and then nothing may be done. */
  freeze(
    problem: ProblemRecord,
    intentId: string | null,
    more: () => Promise<Record<string, string>> | undefined,
  ): Promise<string | null>;
}

export interface EvidenceDeps {
  store: AgentStore;
  fs: HostFs;
  clock: Clock;
  config: () => Config;
  newId: () => string;
  redact: (text: string) => string;
  /** Series of the last minutes at full resolution, as lines. */
  recentSamples: () => string;
  /** Every result that is not ok right now, as lines. */
  currentTrouble: () => string;
  log: { error(message: string, fields?: Record<string, unknown>): void };
}

type Collector = () => Promise<string>;

export function createEvidence(deps: EvidenceDeps): Evidence {
  const { fs, clock } = deps;
  const text = (path: string) => async () => (await fs.readTextIfPresent(path)) ?? "absent";

  const collectors = (problem: ProblemRecord): Record<string, Collector> => ({
    problem: async () =>
      JSON.stringify({ ...problem.result, openedAt: new Date(problem.openedAt).toISOString() }, null, 2),
    trouble: async () => deps.currentTrouble(),
    samples: async () => deps.recentSamples(),
    processes: () => topProcesses(fs),
    memory: text("/proc/meminfo"),
    load: text("/proc/loadavg"),
    sockets: text("/proc/net/sockstat"),
    mounts: () => diskMap(fs),
    package_changes: () => tail(fs, "/var/log/dpkg.log", 40),
    logins: () => tail(fs, "/var/log/auth.log", 20),
  });

  return {
    async freeze(problem, intentId, more) {
      const parts: Record<string, string> = {};
      const budget = deps.config().policy.evidence_budget;
      const work = Object.entries(collectors(problem)).map(([name, collect]) => gather(parts, name, collect));
      let isMoreThere = false;
      work.push(gatherMore(parts, more).then(() => void (isMoreThere = true)));
      let cancel = () => {};
      const late = new Promise<void>((resolve) => {
        cancel = clock.after(budget, resolve);
      });
      await Promise.race([Promise.all(work), late]);
      cancel();
      for (const name of Object.keys(collectors(problem))) parts[name] ??= `missing: later than ${budget} ms`;
      if (!isMoreThere) parts.repair ??= `missing: later than ${budget} ms`;
      const redacted = Object.entries(parts).map(([name, part]) => [
        name,
        deps.redact(part).slice(0, MAX_PART),
      ]);
      try {
        const bundle = deps.store.evidence.put({
          id: deps.newId(),
          problemId: problem.id,
          intentId,
          takenAt: clock.now(),
          parts: Object.fromEntries(redacted),
        });
        return bundle.id;
      } catch (error) {
        deps.log.error("Evidence could not be stored.", { problem: problem.id, reason: messageOf(error) });
        return null;
      }
    },
  };
}

async function gather(parts: Record<string, string>, name: string, collect: Collector): Promise<void> {
  try {
    parts[name] = await collect();
  } catch (error) {
    parts[name] = `missing: ${messageOf(error)}`;
  }
}

async function gatherMore(
  parts: Record<string, string>,
  more: () => Promise<Record<string, string>> | undefined,
): Promise<void> {
  try {
    Object.assign(parts, await more());
  } catch (error) {
    parts.repair = `missing: ${messageOf(error)}`;
  }
}

/** The processes with the most memory, one line each. Fields of /proc/PID/statm are pages (proc(5)). */
async function topProcesses(fs: HostFs): Promise<string> {
  const pageBytes = 4096;
  const rows: { rss: number; line: string }[] = [];
  for (const pid of await fs.list("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const statm = await fs.readTextIfPresent(`/proc/${pid}/statm`).catch(() => null);
    if (statm === null) continue;
    const rss = Number(statm.split(" ")[1] ?? 0) * pageBytes;
    rows.push({ rss, line: pid });
  }
  const top = rows.toSorted((a, b) => b.rss - a.rss).slice(0, TOP_PROCESSES);
  const lines: string[] = [];
  for (const { rss, line: pid } of top) {
    const command = ((await fs.readTextIfPresent(`/proc/${pid}/cmdline`).catch(() => null)) ?? "").replaceAll(
      "\0",
      " ",
    );
    const state = /^State:\s+(\S)/m.exec(
      (await fs.readTextIfPresent(`/proc/${pid}/status`).catch(() => null)) ?? "",
    );
    lines.push(`${pid} ${state?.[1] ?? "?"} ${formatBytes(rss)} ${command.slice(0, 200)}`);
  }
  return lines.join("\n");
}

/** Mounts of real devices with their use. */
async function diskMap(fs: HostFs): Promise<string> {
  const mounts = (await fs.readTextIfPresent("/proc/mounts")) ?? "";
  const lines: string[] = [];
  for (const mount of mounts.split("\n")) {
    const [device, path, type] = mount.split(" ");
    if (path === undefined || !(device?.startsWith("/dev/") || type === "tmpfs")) continue;
    const usage = await fs.usage(path, 100).catch(() => null);
    if (usage === null) lines.push(`${path} ${type} no answer`);
    else
      lines.push(
        `${path} ${type} ${formatBytes(usage.totalBytes - usage.freeBytes)} of ${formatBytes(usage.totalBytes)}`,
      );
  }
  return lines.join("\n");
}

async function tail(fs: HostFs, path: string, lines: number): Promise<string> {
  const text = await fs.readTextIfPresent(path);
  return text === null ? "absent" : text.trimEnd().split("\n").slice(-lines).join("\n");
}
