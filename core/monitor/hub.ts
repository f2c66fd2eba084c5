/**
 * Live fan-out to the dashboard. Each topic counts its changes; a client gets a snapshot with a number, then patches
 * with the numbers that follow. Who misses one asks again with `since` and gets the missed patches, or a new snapshot
 * when they are no longer kept. Who can't keep up is not buffered for: it gets a new snapshot once it has read what it has.
 *
 * Clients that may see the same nodes are one audience with numbers of its own: they learn neither what happens on other
 * nodes nor how often.
 */
import { defineErrors } from "cortex";
import type { NodeScope } from "../access/node-scope.ts";

export const TOPICS = [
  "nodes",
  "problems",
  "intents",
  "decisions",
  "autonomy",
  "inspections",
  "reports",
  "status",
] as const;
export type Topic = (typeof TOPICS)[number];

export const isTopic = (text: string): text is Topic => (TOPICS as readonly string[]).includes(text);

/** Anything with an id that is unique within its topic; without a node only who sees the whole tree sees it. */
export interface LiveItem {
  id: string;
  node?: string;
}

export interface LiveClient {
  /** False when the client's buffer is over its limit: the message was not taken. */
  send(text: string): boolean;
  close(code: number, reason: string): void;
}

export interface LiveSubscription {
  subscribe(topics: readonly Topic[], since: Partial<Record<Topic, number>>): void;
  unsubscribe(topics: readonly Topic[]): void;
  /** The client's buffer is empty again. */
  drained(): void;
  end(): void;
}

export interface Hub {
  publish(topic: Topic, items: LiveItem[], removed?: LiveItem[]): void;
  /** For a topic that is computed for each audience: publish it where it changed. */
  refresh(topic: Topic): void;
  /** A node came, went or changed its labels or group: whose view that changes gets new snapshots. */
  placeChanged(node: string): void;
  /** `scope`: the nodes that the client may see. */
  connect(client: LiveClient, scope: NodeScope): LiveSubscription;
  seq(topic: Topic): number;
  clients(): number;
}

export const liveErrors = defineErrors("live", { too_many: "unavailable" });

interface Patch {
  seq: number;
  items: LiveItem[];
  removed: LiveItem[];
}

interface TopicState {
  seq: number;
  patches: Patch[];
  /** Items in these patches. */
  kept: number;
  subscribers: Set<Connection>;
  snapshot: { seq: number; text: string } | null;
  /** What the newest snapshot or refresh said, as JSON. */
  items: string;
}

interface Audience {
  scope: NodeScope;
  /** Nodes in its scope; null for the whole tree. */
  members: Set<string> | null;
  topics: Record<Topic, TopicState>;
  connections: Set<Connection>;
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
  /** What a topic shows now to those who see these nodes; sent as the snapshot. */
  snapshots: Record<Topic, (scope: NodeScope) => LiveItem[]>;
  /** The audience that sees everything; it is there from the start. */
  whole: NodeScope;
  /**
   * Where an audience's numbering starts. It must lie above the numbers that any audience gave out before, also one before
   * a restart, or a client's `since` would name other patches; the wall clock in milliseconds does, at fewer than 1000
   * patches a second.
   */
  firstSeq: () => number;
}

export function createHub(options: HubOptions): Hub {
  const audiences = new Map<string, Audience>();
  const everybody = audienceOf(options.whole);
  let outdated = new Set<Audience>();

  function audienceOf(scope: NodeScope): Audience {
    const known = audiences.get(scope.key);
    if (known) return known;
    const seq = options.firstSeq();
    const topics = Object.fromEntries(TOPICS.map((topic) => [topic, newTopic(seq)]));
    const audience: Audience = {
      scope,
      members: scope.whole ? null : new Set(scope.ids()),
      topics: topics as Record<Topic, TopicState>,
      connections: new Set(),
    };
    audiences.set(scope.key, audience);
    return audience;
  }

  function deliver(audience: Audience, connection: Connection, topic: Topic, text: string): void {
    if (connection.lost.has(topic)) return;
    if (connection.client.send(text)) return;
    connection.lost.add(topic);
    audience.topics[topic].subscribers.delete(connection);
  }

  function snapshotText(audience: Audience, topic: Topic): string {
    const state = audience.topics[topic];
    if (state.snapshot?.seq !== state.seq) {
      state.items = JSON.stringify(options.snapshots[topic](audience.scope));
      const head = JSON.stringify({ topic, type: "snapshot", seq: state.seq });
      state.snapshot = { seq: state.seq, text: `${head.slice(0, -1)},"items":${state.items}}` };
    }
    return state.snapshot.text;
  }

  function catchUp(
    audience: Audience,
    connection: Connection,
    topic: Topic,
    since: number | undefined,
  ): void {
    const state = audience.topics[topic];
    const oldest = state.patches[0]?.seq ?? state.seq + 1;
    if (since === undefined || since < oldest - 1 || since > state.seq) {
      deliver(audience, connection, topic, snapshotText(audience, topic));
      return;
    }
    const missed = state.patches.filter((patch) => patch.seq > since);
    for (const patch of missed) deliver(audience, connection, topic, patchText(topic, patch));
    // Says "you have everything" to a client that missed nothing.
    if (missed.length === 0)
      deliver(audience, connection, topic, patchText(topic, { seq: state.seq, items: [], removed: [] }));
  }

  function add(audience: Audience, topic: Topic, items: LiveItem[], removed: LiveItem[]): void {
    if (items.length === 0 && removed.length === 0) return;
    const state = audience.topics[topic];
    state.seq += 1;
    const patch = { seq: state.seq, items, removed };
    keep(state, patch);
    if (state.subscribers.size === 0) return;
    const text = patchText(topic, patch);
    for (const connection of state.subscribers) deliver(audience, connection, topic, text);
  }

  /** What was said before is no longer the whole truth; everybody of the audience starts again. */
  function restart(audience: Audience): void {
    for (const topic of TOPICS) {
      const state = audience.topics[topic];
      state.seq += 1;
      state.patches = [];
      state.kept = 0;
      for (const connection of state.subscribers)
        deliver(audience, connection, topic, snapshotText(audience, topic));
    }
  }

  function restartOutdated(): void {
    const audiencesNow = outdated;
    outdated = new Set();
    for (const audience of audiencesNow) restart(audience);
  }

  return {
    publish(topic, items, removed = []) {
      for (const audience of audiences.values()) {
        const { members } = audience;
        const sees = (item: LiveItem) =>
          members === null || (item.node !== undefined && members.has(item.node));
        if (members === null) add(audience, topic, items, removed);
        else add(audience, topic, items.filter(sees), removed.filter(sees));
      }
    },
    refresh(topic) {
      for (const audience of audiences.values()) {
        const items = options.snapshots[topic](audience.scope);
        const text = JSON.stringify(items);
        const state = audience.topics[topic];
        if (text === state.items) continue;
        state.items = text;
        add(audience, topic, items, []);
      }
    },
    placeChanged(node) {
      for (const audience of audiences.values()) {
        const { members, scope } = audience;
        if (members === null || members.has(node) === scope.has(node)) continue;
        // At once, so that nothing more of it is shown; the snapshots once the fleet has settled.
        if (!members.delete(node)) members.add(node);
        if (outdated.size === 0) queueMicrotask(restartOutdated);
        outdated.add(audience);
      }
    },
    connect(client, scope) {
      const clients = [...audiences.values()].reduce((sum, one) => sum + one.connections.size, 0);
      if (clients >= MAX_CLIENTS)
        throw liveErrors.too_many("too many live connections; close some dashboards");
      const connection: Connection = { client, topics: new Set(), lost: new Set() };
      const audience = audienceOf(scope);
      audience.connections.add(connection);
      return {
        subscribe(wanted, since) {
          for (const topic of new Set(wanted)) {
            connection.topics.add(topic);
            connection.lost.delete(topic);
            audience.topics[topic].subscribers.add(connection);
            catchUp(audience, connection, topic, since[topic]);
          }
        },
        unsubscribe(unwanted) {
          for (const topic of unwanted) {
            connection.topics.delete(topic);
            connection.lost.delete(topic);
            audience.topics[topic].subscribers.delete(connection);
          }
        },
        drained() {
          for (const topic of connection.lost) {
            if (!client.send(snapshotText(audience, topic))) return;
            connection.lost.delete(topic);
            audience.topics[topic].subscribers.add(connection);
          }
        },
        end() {
          audience.connections.delete(connection);
          for (const topic of TOPICS) audience.topics[topic].subscribers.delete(connection);
          if (audience.connections.size === 0 && audience !== everybody) audiences.delete(audience.scope.key);
        },
      };
    },
    seq: (topic) => everybody.topics[topic].seq,
    clients: () => [...audiences.values()].reduce((sum, one) => sum + one.connections.size, 0),
  };
}

const newTopic = (seq: number): TopicState => ({
  seq,
  patches: [],
  kept: 0,
  subscribers: new Set(),
  snapshot: null,
  items: "",
});

function keep(state: TopicState, patch: Patch): void {
  state.patches.push(patch);
  state.kept += patch.items.length;
  while (state.patches.length > KEPT_PATCHES || (state.kept > KEPT_ITEMS && state.patches.length > 1))
    state.kept -= state.patches.shift()!.items.length;
}

function patchText(topic: Topic, { seq, items, removed }: Patch): string {
  const ids = removed.map((item) => item.id);
  return JSON.stringify({ topic, type: "patch", seq, items, ...(ids.length > 0 && { removed: ids }) });
}
