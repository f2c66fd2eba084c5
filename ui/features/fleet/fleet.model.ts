/** The fleet at a glance: where each node belongs, which ones to show, in which order. */
import type { Look } from "../../kit/tone.tsx";
import type { Intent, NodeItem, NodeState, Problem } from "../../data/types.ts";
import { byCode } from "../../lib/by-code.ts";
import { compareNames } from "../../lib/formats.ts";
import { isActing } from "../intents/intent.model.ts";
import type { Texts } from "./texts.ts";

/** Every node is in exactly one of the first four; repairing lies across them. */
export const BUCKETS = ["healthy", "degraded", "silent", "offline", "repairing"] as const;
export type Bucket = (typeof BUCKETS)[number];

export function bucketOf(node: NodeItem): Exclude<Bucket, "repairing"> {
  switch (node.state) {
    case "late":
    case "unheard":
      return "silent";
    case "offline":
    case "quarantined":
    case "pending":
    case "revoked":
      return "offline";
    case "degraded":
      return "degraded";
    case "online":
      return "healthy";
  }
}

const LOOKS: Record<NodeState, Omit<Look, "word">> = {
  online: { tone: "ok", icon: "check-circle" },
  degraded: { tone: "warn", icon: "problem" },
  late: { tone: "warn", icon: "clock" },
  unheard: { tone: "idle", icon: "dashed" },
  offline: { tone: "bad", icon: "offline" },
  quarantined: { tone: "unknown", icon: "ban" },
  pending: { tone: "warn", icon: "clock" },
  revoked: { tone: "unknown", icon: "ban" },
};

/** What is going on on which nodes, by id. */
export interface Marks {
  /** Something is being repaired right now. */
  repairing: ReadonlySet<string>;
  /** A critical problem that Cortex does not repair by itself. */
  urgent: ReadonlySet<string>;
}

export function marksOf(problems: readonly Problem[], intents: readonly Intent[]): Marks {
  const waits = (problem: Problem) =>
    problem.state === "open" && problem.severity === "critical" && problem.level !== "L1";
  return {
    repairing: new Set(intents.filter(isActing).map((intent) => intent.node)),
    urgent: new Set(problems.filter(waits).map((problem) => problem.node)),
  };
}

/** What the row says; one that is being repaired says so, and red is only for what waits for a person. */
export function nodeLook(node: NodeItem, marks: Marks, t: Pick<Texts, "fleet" | "nodeState">): Look {
  if (marks.repairing.has(node.id) && bucketOf(node) !== "offline")
    return { tone: "accent", icon: "loader", busy: true, word: t.fleet.repairingNow };
  const urgent = node.state === "degraded" && marks.urgent.has(node.id);
  return { ...LOOKS[node.state], ...(urgent ? { tone: "bad" as const } : {}), word: t.nodeState[node.state] };
}

/** Something degraded waits for a person: its number is as red as its row. */
export const needsPerson = (nodes: readonly NodeItem[], { urgent }: Pick<Marks, "urgent">): boolean =>
  urgent.size > 0 && nodes.some(({ id, state }) => state === "degraded" && urgent.has(id));

export function countBuckets(nodes: readonly NodeItem[], marks: Marks): Record<Bucket, number> {
  const counts: Record<Bucket, number> = { healthy: 0, degraded: 0, silent: 0, offline: 0, repairing: 0 };
  for (const node of nodes) {
    counts[bucketOf(node)]++;
    if (marks.repairing.has(node.id)) counts.repairing++;
  }
  return counts;
}

export function isBucket(value: unknown): value is Bucket {
  return (BUCKETS as readonly unknown[]).includes(value);
}

/** A node in its place in the list. */
export interface Listed {
  node: NodeItem;
  bucket: Exclude<Bucket, "repairing">;
  rank: number;
}

/** Made once for each version of a node: few of many change at a time. */
const listings = new WeakMap<NodeItem, Listed>();

function listedOf(node: NodeItem): Listed {
  const known = listings.get(node);
  if (known !== undefined) return known;
  const bucket = bucketOf(node);
  const made = { node, bucket, rank: RANK[bucket] * 4 + STATUS_RANK[node.worst] };
  listings.set(node, made);
  return made;
}

/** Place of each name in their natural order, sorted again only when there is a new one. */
let nameRanks = new Map<string, number>();

function rankNames(nodes: readonly NodeItem[]): void {
  if (nodes.every(({ name }) => nameRanks.has(name))) return;
  const sorted = [...new Set(nodes.map(({ name }) => name))].sort(compareNames);
  nameRanks = new Map(sorted.map((name, rank) => [name, rank]));
}

/** What needs looking at first, then by name. */
const compareListed = (a: Listed, b: Listed): number =>
  a.rank - b.rank ||
  nameRanks.get(a.node.name)! - nameRanks.get(b.node.name)! ||
  byCode(a.node.id, b.node.id);

export function listNodes(nodes: readonly NodeItem[]): Listed[] {
  rankNames(nodes);
  return nodes.map(listedOf).sort(compareListed);
}

/** All that a search looks at, made at the first one. */
const hays = new WeakMap<NodeItem, string>();

function hayOf(node: NodeItem): string {
  const known = hays.get(node);
  if (known !== undefined) return known;
  const labels = Object.entries(node.labels).map(([name, value]) => `${name}=${value}`);
  const made = [node.name, node.group ?? "", node.os ?? "", node.version ?? "", ...node.tags, ...labels]
    .join(" ")
    .toLowerCase();
  hays.set(node, made);
  return made;
}

/** Every word must occur in the name, group, tags, labels or system. */
export function filterNodes(
  list: readonly Listed[],
  filter: { bucket: Bucket | null; words: string },
  marks: Marks,
): NodeItem[] {
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  const found: NodeItem[] = [];
  for (const { node, bucket } of list) {
    if (filter.bucket === "repairing" && !marks.repairing.has(node.id)) continue;
    if (filter.bucket !== null && filter.bucket !== "repairing" && bucket !== filter.bucket) continue;
    if (words.every((word) => hayOf(node).includes(word))) found.push(node);
  }
  return found;
}

/** Counts of a fleet that is not known whole, as the Monitor tells them. */
export function countStates(states: Record<NodeState, number>, marks: Marks): Record<Bucket, number> {
  return {
    healthy: states.online,
    degraded: states.degraded,
    silent: states.late + states.unheard,
    offline: states.offline + states.quarantined,
    repairing: marks.repairing.size,
  };
}

const STATES: Record<Exclude<Bucket, "repairing">, string> = {
  offline: "offline,quarantined",
  degraded: "degraded",
  silent: "late,unheard",
  healthy: "online",
};

/** What to ask the server for, in the order of the list: its own filter knows one word, the others are left to ours. */
export function nodeStages(bucket: Bucket | null, words: string): Record<string, string>[] {
  const longest = words.split(/\s+/).toSorted((a, b) => b.length - a.length)[0] ?? "";
  const filter: Record<string, string> = longest === "" ? {} : { text: longest };
  if (bucket === "repairing") return [];
  if (bucket !== null) return [{ ...filter, state: STATES[bucket] }];
  if (longest !== "") return [filter];
  return Object.values(STATES).map((state) => ({ state }));
}

const RANK: Record<Bucket, number> = { offline: 0, degraded: 1, silent: 2, healthy: 3, repairing: 3 };
const STATUS_RANK = { critical: 0, unknown: 1, warning: 2, ok: 3 } as const;
