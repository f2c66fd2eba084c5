/** /proc/loadavg (proc_loadavg(5)): `0.20 0.18 0.12 1/80 11206`. */
import { toCount, unreadable, words } from "./text.ts";

export interface LoadAverage {
  load1: number;
  load5: number;
  load15: number;
  /** Kernel scheduling entities (threads, not processes) that could run now. */
  runnable: number;
  /** All that exist, kernel threads included: what `kernel.pid_max` limits. */
  tasks: number;
}

const PATH = "/proc/loadavg";

export function parseLoadAverage(text: string): LoadAverage {
  const [load1, load5, load15, entities] = words(text);
  const [runnable, tasks] = (entities ?? "").split("/");
  if (tasks === undefined) throw unreadable(PATH, "the fourth column is not running/total");
  return {
    load1: toCount(load1, PATH, "the 1 minute average"),
    load5: toCount(load5, PATH, "the 5 minute average"),
    load15: toCount(load15, PATH, "the 15 minute average"),
    runnable: toCount(runnable, PATH, "the number of runnable tasks"),
    tasks: toCount(tasks, PATH, "the number of tasks"),
  };
}
