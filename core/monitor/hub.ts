/**
 * Live fan-out to the dashboard. Each topic counts its changes; a client gets a snapshot with a number, then patches
 * with the numbers that follow. Who misses one asks again with `since` and gets the missed patches, or a new snapshot
 * when they are no longer kept. Who can't keep up is not buffered for: it gets a new snapshot once it has read what it has.
 */
import { defineErrors } from "cortex";

export const TOPICS = ["nodes", "problems", "intents", "inspections", "reports", "status"] as const;
export type Topic = (typeof TOPICS)[number];

export const isTopic = (text: string): text is Topic => (TOPICS as readonly string[]).includes(text);

/** Anything with an id that is unique within its topic. */
export interface LiveItem {
  id: string;
}

export interface LiveClient {
  /** False when the client's buffer is over its limit: the message was not taken. */
  send(text: string): boolean;
  close(code: number, reason: string): void;
}

export interface LiveSubscription {
  subscribe(topics: Topic[], since: Partial<Record<Topic, number>>): void;
  unsubscribe(topics: Topic[]): void;
  /** The client's buffer is empty again. */
  drained(): void;
  end(): void;
}

export interface Hub {
  publish(topic: Topic, items: LiveItem[], removed?: string[]): void;
  connect(client: LiveClient): LiveSubscription;
  seq(topic: Topic): number;
  clients(): number;
}

export const liveErrors = defineErrors("live", { too_many: "unavailable" });

interface Patch {
  seq: number;
  items: LiveItem[];
  removed: string[];
}

interface TopicState {
  seq: number;
  patches: Patch[];
  /** Items in these patches. */
  kept: number;
  subscribers: Set<Connection>;
  snapshot: { seq: number; text: string } | null;
}

interface Connection {
  client: LiveClient;
  topics: Set<Topic>;
  /** Topics of which a patch could not be sent. */
  lost: Set<Topic>;
}

/**
 * Patches kept per topic for clients that were away for a moment; fewer when they are large, because a snapshot is shorter
 * than that many items.
 */
const KEPT_PATCHES = 256;
const KEPT_ITEMS = 1000;
const MAX_CLIENTS = 5000;

export interface HubOptions {
  /** What a topic shows now; sent as the snapshot. */
  snapshots: Record<Topic, () => LiveItem[]>;
  /**
   * Where the numbering starts. A Monitor that restarts must start above the numbers it gave out before, or a client's
   * `since` would name other patches; the wall clock in milliseconds does, at fewer than 1000 patches a second.
   */
  firstSeq: number;
}

export function createHub(options: HubOptions): Hub {
  const topics = new Map<Topic, TopicState>();
  for (const topic of TOPICS)
    topics.set(topic, {
      seq: options.firstSeq,
      patches: [],
      kept: 0,
      subscribers: new Set(),
      snapshot: null,
    });
  const stateOf = (topic: Topic) => topics.get(topic)!;
  const connections = new Set<Connection>();

  function deliver(connection: Connection, topic: Topic, text: string): void {
    if (connection.lost.has(topic)) return;
    if (connection.client.send(text)) return;
    connection.lost.add(topic);
    stateOf(topic).subscribers.delete(connection);
  }

  function snapshotText(topic: Topic): string {
    const state = stateOf(topic);
    if (state.snapshot?.seq !== state.seq) {
      const items = options.snapshots[topic]();
      state.snapshot = {
        seq: state.seq,
        text: JSON.stringify({ topic, type: "snapshot", seq: state.seq, items }),
      };
    }
    return state.snapshot.text;
  }

  function catchUp(connection: Connection, topic: Topic, since: number | undefined): void {
    const state = stateOf(topic);
    const oldest = state.patches[0]?.seq ?? state.seq + 1;
    if (since === undefined || since < oldest - 1 || since > state.seq) {
      deliver(connection, topic, snapshotText(topic));
      return;
    }
    const missed = state.patches.filter((patch) => patch.seq > since);
    for (const patch of missed) deliver(connection, topic, patchText(topic, patch));
    // Says "you have everything" to a client that missed nothing.
    if (missed.length === 0)
      deliver(connection, topic, patchText(topic, { seq: state.seq, items: [], removed: [] }));
  }

  return {
    publish(topic, items, removed = []) {
      if (items.length === 0 && removed.length === 0) return;
      const state = stateOf(topic);
      state.seq += 1;
      const patch = { seq: state.seq, items, removed };
      keep(state, patch);
      if (state.subscribers.size === 0) return;
      const text = patchText(topic, patch);
      for (const connection of state.subscribers) deliver(connection, topic, text);
    },
    connect(client) {
      if (connections.size >= MAX_CLIENTS)
        throw liveErrors.too_many("too many live connections; close some dashboards");
      const connection: Connection = { client, topics: new Set(), lost: new Set() };
      connections.add(connection);
      return {
        subscribe(wanted, since) {
          for (const topic of new Set(wanted)) {
            connection.topics.add(topic);
            connection.lost.delete(topic);
            stateOf(topic).subscribers.add(connection);
            catchUp(connection, topic, since[topic]);
          }
        },
        unsubscribe(unwanted) {
          for (const topic of unwanted) {
            connection.topics.delete(topic);
            connection.lost.delete(topic);
            stateOf(topic).subscribers.delete(connection);
          }
        },
        drained() {
          for (const topic of connection.lost) {
            if (!client.send(snapshotText(topic))) return;
            connection.lost.delete(topic);
            stateOf(topic).subscribers.add(connection);
          }
        },
        end() {
          connections.delete(connection);
          for (const topic of TOPICS) stateOf(topic).subscribers.delete(connection);
        },
      };
    },
    seq: (topic) => stateOf(topic).seq,
    clients: () => connections.size,
  };
}

function keep(state: TopicState, patch: Patch): void {
  state.patches.push(patch);
  state.kept += patch.items.length;
  while (state.patches.length > KEPT_PATCHES || (state.kept > KEPT_ITEMS && state.patches.length > 1))
    state.kept -= state.patches.shift()!.items.length;
}

function patchText(topic: Topic, patch: Patch): string {
  const { seq, items, removed } = patch;
  return JSON.stringify({ topic, type: "patch", seq, items, ...(removed.length > 0 && { removed }) });
}
