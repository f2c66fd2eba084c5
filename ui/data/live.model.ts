/** The rules of the live connection, without a socket: messages, gaps, patience, and what to tell people. */
import type { AutonomyItem, Decision, Intent, NodeItem, Problem, StatusItem } from "./types.ts";

export interface Topics {
  nodes: NodeItem;
  problems: Problem;
  intents: Intent;
  decisions: Decision;
  /** What repairs may do by themselves, for those who see the whole tree. */
  autonomy: AutonomyItem;
  /** One item: the Monitor itself. */
  status: StatusItem;
}
export type Topic = keyof Topics;
export const TOPICS: readonly Topic[] = ["nodes", "problems", "intents", "decisions", "autonomy", "status"];

export interface LiveMessage {
  topic: Topic;
  type: "snapshot" | "patch";
  seq: number;
  items: { id: string }[];
  /** Ids that are gone. */
  removed: string[];
}

/** null for anything that is not a message about a topic we asked for: a newer server may say more. */
export function parseMessage(text: string): LiveMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const message = value as Partial<LiveMessage> | null;
  if (typeof message !== "object" || message === null) return null;
  if (!TOPICS.includes(message.topic as Topic) || !Number.isInteger(message.seq)) return null;
  if (message.type !== "snapshot" && message.type !== "patch") return null;
  return {
    topic: message.topic as Topic,
    type: message.type,
    seq: message.seq as number,
    items: Array.isArray(message.items) ? message.items : [],
    removed: Array.isArray(message.removed) ? message.removed : [],
  };
}

/**
 * What to do with a message when `seq` is the last one applied (null: nothing yet). Patches count up by one per topic;
 * a hole means that something was missed and must be asked for again. Before the first snapshot patches mean nothing.
 */
export function judgeMessage(seq: number | null, message: LiveMessage): "apply" | "skip" | "gap" {
  if (message.type === "snapshot") return "apply";
  if (seq === null || message.seq <= seq) return "skip";
  return message.seq === seq + 1 ? "apply" : "gap";
}

/** Several patches as one: the newest version of each item, in order of first appearance. */
export function mergePatches(messages: LiveMessage[]): { items: { id: string }[]; removed: string[] } {
  const items = new Map<string, { id: string }>();
  const removed = new Set<string>();
  for (const message of messages) {
    for (const item of message.items) {
      items.set(item.id, item);
      removed.delete(item.id);
    }
    for (const id of message.removed) {
      items.delete(id);
      removed.add(id);
    }
  }
  return { items: [...items.values()], removed: [...removed] };
}

/** Wait before the next attempt to connect: 1, 2, 4 … 30 s, each with ± 50 % so that a fleet of browsers spreads out. */
export function backoffMs(attempt: number, random: number): number {
  const base = Math.min(30_000, 1000 * 2 ** Math.min(attempt, 5));
  return Math.round(base * (0.5 + random));
}

export interface ConnectionFacts {
  socketOpen: boolean;
  /** What the browser thinks of the network. */
  networkUp: boolean;
  /** When data last came from the Monitor, epoch ms; null before the first. */
  lastDataAt: number | null;
  now: number;
}

export type Connection =
  | { kind: "connecting" }
  | { kind: "live" }
  /** No socket, but polling keeps the data young. */
  | { kind: "reconnecting" }
  | { kind: "stale"; ageMs: number }
  | { kind: "offline"; ageMs: number | null };

/** Data older than two polls without a socket is stale. */
export const STALE_AFTER_MS = 12_000;

export function connectionOf(facts: ConnectionFacts): Connection {
  const ageMs = facts.lastDataAt === null ? null : Math.max(0, facts.now - facts.lastDataAt);
  if (!facts.networkUp && !facts.socketOpen) return { kind: "offline", ageMs };
  if (ageMs === null) return { kind: "connecting" };
  if (facts.socketOpen) return { kind: "live" };
  return ageMs < STALE_AFTER_MS ? { kind: "reconnecting" } : { kind: "stale", ageMs };
}

/** A snapshot holds this many rows at most: of a longer list only a part is known. */
export const SNAPSHOT_ROWS = 500;
/** Of a list that is known in part, no stranger is taken in above this number. */
const MOST_ROWS = 2000;

/**
 * Whether a patch about an item that is not known is taken in. Of a large fleet the browser holds what it asked for, and
 * what a person may have to look at; everything else is a page away on the server.
 */
export function isWelcome<T extends Topic>(topic: T, item: Topics[T], known: number): boolean {
  if (known < SNAPSHOT_ROWS) return true;
  if (known >= MOST_ROWS) return false;
  if (topic === "nodes") return (item as NodeItem).state !== "online";
  if (topic === "problems")
    return (item as Problem).state === "open" && (item as Problem).severity === "critical";
  return true;
}

/** A full snapshot says nothing about what was learned beyond it; a short one is all there is. */
export function joinSnapshot<T extends { id: string }>(known: readonly T[], snapshot: readonly T[]): T[] {
  if (snapshot.length < SNAPSHOT_ROWS) return [...snapshot];
  const ids = new Set(snapshot.map((item) => item.id));
  return [...snapshot, ...known.filter((item) => !ids.has(item.id))];
}

/** What is over stays readable for a while; past this many rows it goes. */
const withoutOver = (problems: Problem[]): Problem[] =>
  problems.length <= SNAPSHOT_ROWS ? problems : problems.filter((problem) => problem.state === "open");

/** Lists that only ever grow keep their newest items; the rest is a page away on the server. */
export const KEEP_INTENTS = 500;
export function newest<T extends { createdAt: string }>(items: T[], keep: number): T[] {
  if (items.length <= keep * 1.2) return items;
  return items.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, keep);
}

/** A list after a patch: what is in it is replaced, what is gone goes, strangers are taken in when they are welcome. */
export function patched<T extends Topic>(
  topic: T,
  known: readonly Topics[T][],
  { items, removed }: ReturnType<typeof mergePatches>,
): Topics[T][] {
  const gone = new Set(removed);
  const list: Topics[T][] = gone.size === 0 ? [...known] : known.filter((item) => !gone.has(item.id));
  const places = new Map(list.map((item, place) => [item.id, place]));
  for (const item of items as Topics[T][]) {
    const place = places.get(item.id);
    if (place !== undefined) list[place] = item;
    else if (isWelcome(topic, item, list.length)) list.push(item);
  }
  if (topic === "intents") return newest(list as Intent[], KEEP_INTENTS) as Topics[T][];
  return topic === "problems" ? (withoutOver(list as Problem[]) as Topics[T][]) : list;
}

/** `next`, with the known object for each item that says the same: what did not change need not be drawn again. */
export function keepSame<T extends { id: string }>(known: readonly T[], next: readonly T[]): T[] {
  const before = new Map(known.map((item) => [item.id, item]));
  return next.map((item) => {
    const old = before.get(item.id);
    return old !== undefined && saysSame(old, item) ? old : item;
  });
}

/** Compares what came as JSON. */
function saysSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && saysSame(a[key as never], b[key as never]))
  );
}
