/** Texts of the command palette. */
export const enPalette = {
  palette: {
    open: "Search and run",
    label: "Nodes, problems, repairs, checks, pages, actions",
    none: "Nothing fits",
    count: (n: number) => (n === 1 ? "1 entry" : `${n} entries`),
    groups: {
      here: "Here",
      pages: "Pages",
      nodes: "Nodes",
      problems: "Problems",
      repairs: "Repairs",
      checks: "Run a check",
      actions: "Actions",
    },
    runAllOn: (node: string) => `Run all checks on ${node}`,
    runOn: (check: string, node: string) => `Run ${check} on ${node}`,
    openTab: (tab: string, node: string) => `${tab} of ${node}`,
    switchOff: "Switch repairs off …",
    switchOn: "Switch repairs on …",
    wall: "Wall: the fleet on a big screen",
    theme: (name: string) => `Theme: ${name}`,
    language: (name: string) => `Language: ${name}`,
    keys: { move: "move", run: "run", close: "close" },
  },
};
