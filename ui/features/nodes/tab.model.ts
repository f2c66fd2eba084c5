/** The parts of a node's page; the chosen one is in the address. */
export const NODE_TABS = [
  "overview",
  "checks",
  "problems",
  "repairs",
  "evidence",
  "reports",
  "config",
] as const;
export type NodeTab = (typeof NODE_TABS)[number];

export const nodeTabOf = (wanted: string | undefined): NodeTab =>
  NODE_TABS.find((tab) => tab === wanted) ?? "overview";

/** Filters of one part mean nothing in another. */
export const nodeTabHref = (tab: NodeTab): string => (tab === "overview" ? "?" : `?tab=${tab}`);
