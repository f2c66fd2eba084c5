/** Texts of the first run. */
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
    /** `bare`: it runs without a configuration file. */
    liveIntro: (results: number, bare: boolean) =>
      `${results} results so far${bare ? ", without any configuration" : ""}: a check gives one for each thing it looks at.`,
    noProblem: "No problem so far.",
    wrong: (n: number) => (n === 1 ? "1 open problem so far." : `${n} open problems so far.`),
    /** null: it runs without a file; undefined: it is not known. */
    name: (file: string | null | undefined): string =>
      file === null
        ? "To rename this node or keep a service running, write a cortex.yaml and start Cortex with --config FILE."
        : `To rename this node or keep a service running, edit ${file ?? "cortex.yaml"}.`,
    open: "Open the fleet",
  },
};
