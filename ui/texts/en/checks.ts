/** Texts of checks, their results, and plugins. */
import { count } from "../count.ts";
import type { Status } from "../../data/types.ts";

export const enChecks = {
  status: {
    ok: "OK",
    warning: "Warning",
    critical: "Critical",
    unknown: "Unknown",
  } satisfies Record<Status, string>,
  checks: {
    empty: "No checks yet",
    emptyBody: "Checks appear when the first node has told what it has.",
    states: { active: "Active", paused: "Paused", skipped: "Skipped", broken: "Broken" },
    columns: {
      status: "Result",
      check: "Check",
      node: "Node",
      plugin: "Plugin",
      interval: "Every",
      last: "Last run",
      took: "Took",
      failures: "Errors",
    },
    filter: "Filter by check, plugin, node",
    groups: { bad: "To look at", ok: "OK", resting: "Not running" },
    confirm: "Confirms",
    atOnce: "at once",
    confirming: (span: string) =>
      `Being confirmed: it is no problem yet, and becomes one when it lasts ${span}.`,
    next: "Next run",
    runs: "Runs",
    runCount: (runs: number, failed: number) =>
      `${count(runs, "run", "runs")}${failed > 0 ? `, ${failed} without a result` : ""}`,
    history: "Last runs",
    historyNone: "No runs kept yet",
    historyBody: "Runs with something to say, and those asked for by hand, are kept.",
    running: "Running",
    failed: "Error",
    pause: "Pause",
    pauseFor: "Pause for",
    pauses: { "1h": "for 1 hour", "8h": "for 8 hours", "24h": "for a day", open: "until resumed" },
    pausedNow: (check: string) => `${check} is paused`,
    resume: "Resume",
    resumedNow: (check: string) => `${check} runs again`,
  },
  plugins: {
    empty: "No plugins yet",
    emptyBody: "Plugins appear when the first node has told what it has.",
    states: {
      running: "Running",
      disabled: "Disabled",
      broken: "Broken",
      starting: "Starting",
      stopped: "Stopped",
    },
    columns: {
      state: "State",
      plugin: "Plugin",
      node: "Node",
      version: "Version",
      gives: "Provides",
      may: "Permissions",
    },
    gives: (checks: number, repairs: number) =>
      `${count(checks, "check", "checks")}, ${count(repairs, "repair", "repairs")}`,
    userMade: "yours",
    cage: (what: string) => `Cage: ${what}`,
    weakCage: "weak cage",
    nothing: "nothing",
  },
};
