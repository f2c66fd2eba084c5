/** Texts of the command palette, of what it starts, and of what is told in passing. */
export const enPalette = {
  palette: {
    open: "Search and run",
    short: "Search",
    label: "Nodes, problems, checks, pages, actions",
    none: "Nothing fits",
    count: (n: number) => (n === 1 ? "1 entry" : `${n} entries`),
    groups: {
      here: "Here",
      pages: "Pages",
      nodes: "Nodes",
      problems: "Open problems",
      checks: "Run a check",
      actions: "Actions",
    },
    runAllOn: (node: string) => `Run all checks on ${node}`,
    runOn: (check: string, node: string) => `Run ${check} on ${node}`,
    openTab: (tab: string, node: string) => `${tab} of ${node}`,
    switchOff: "Switch repairs off …",
    switchOn: "Switch repairs on …",
    theme: (name: string) => `Theme: ${name}`,
    language: (name: string) => `Language: ${name}`,
    keys: { move: "move", run: "run", close: "close" },
  },
  verify: {
    action: "Verify the ledger",
    busy: "Hashing every entry again",
    holds: (entries: string) => `${entries} entries, every chain holds`,
    broken: (origin: string, seq: number, reason: string) =>
      `The chain of ${origin} is broken at entry ${seq}: ${reason}`,
  },
  guardScreen: {
    title: "This screen could not be shown",
    body: "It may not have been loaded yet while the Monitor is away, or Cortex was updated meanwhile.",
    reload: "Reload the page",
    updated: (version: string) => `Cortex was updated to ${version}. Reload to go on with its own dashboard.`,
  },
  news: {
    problems: (n: number) => `${n} new problems`,
    repaired: (summary: string) => `Repaired: ${summary}`,
    repairs: (n: number) => `${n} repairs verified`,
  },
};
