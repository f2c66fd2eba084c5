/** Texts of the first run, and of choosing what Cortex may do by itself. */
import type { Settings } from "./types.ts";

export const enWelcome = {
  welcome: {
    step: (at: number, all: number) => `Step ${at} of ${all}`,
    autonomyTitle: "What may Cortex do by itself?",
    autonomyIntro:
      "It finds and records problems in any case. This can be changed at any time in the settings.",
    next: "Continue",
    skip: "Skip, keep as it is",
    liveTitle: (name: string) => `${name} is live`,
    waitingTitle: "Waiting for the first report",
    waitingIntro: "The agent on this host reports every few seconds.",
    liveIntro: (checks: number) => `${checks} results so far, without any configuration.`,
    nothingWrong: "Nothing is wrong.",
    wrong: (n: number) => (n === 1 ? "1 problem is open already." : `${n} problems are open already.`),
    name: "Another name, a service to keep running: both are lines in cortex.yaml.",
    open: "Open the fleet",
  },
  autonomyChoice: {
    legend: "Autonomy",
    titles: {
      act: "Repair what is safe",
      ask: "Always ask",
      observe: "Only observe",
    } satisfies Record<Settings["autonomy"], string>,
    bodies: {
      act: "Reversible repairs and restarts of single services run at once. Everything riskier waits for a decision.",
      ask: "Every repair is proposed, with its plan and the evidence, and waits for a decision.",
      observe:
        "Nothing is changed on any host. Cortex says what it would have done, so that you can judge it.",
    } satisfies Record<Settings["autonomy"], string>,
    fixed: (mode: string) => `The configuration of this host says "${mode}"; it can't be loosened from here.`,
    save: "Save",
    saved: "Saved. It holds from now on.",
    onlyAdmin: "Only an admin may change this.",
    reasonFirst: "chosen at the first start",
    reasonSettings: "changed in the settings",
  },
};
