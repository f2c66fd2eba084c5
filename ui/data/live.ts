/**
 * Fleet data, kept young by a WebSocket: snapshots and patches with sequence numbers, each list written at most once per
 * animation frame. Without a socket it polls.
 */
import { batch, createSignal, untrack } from "solid-js";
import { ApiError, type Api } from "./api.ts";
import { serverNow } from "../lib/clock.ts";
import { createCollection, type Collection, type OwnCollection } from "./collection.ts";
import {
  backoffMs,
  connectionOf,
  joinSnapshot,
  judgeMessage,
  keepSame,
  mergePatches,
  parseMessage,
  patched,
  SNAPSHOT_ROWS,
  TOPICS,
  type LiveMessage,
  type Topic,
  type Topics,
} from "./live.model.ts";

type Own = { [K in Topic]: OwnCollection<Topics[K]> };
type Collections = { [K in Topic]: Collection<Topics[K]> };

const POLL_MS = 5000;
/** A socket that says nothing for this long is asked over HTTP whether the Monitor still lives. */
const QUIET_MS = 30_000;
/** How long the first snapshot may take before HTTP is asked as well. */
const FIRST_SNAPSHOT_MS = 1500;
const PAGE_SIZE = SNAPSHOT_ROWS;
/** Close code of a session that has ended: nothing to reconnect with. */
const POLICY = 1008;
/** Topics that are lists of the API too, and can be polled. */
const POLLED = ["nodes", "problems", "intents", "decisions"] as const;

/** What a snapshot of the socket holds, too. */
const QUERIES: Partial<Record<(typeof POLLED)[number], { state: string }>> = {
  problems: { state: "open" },
  decisions: { state: "pending" },
};

export function createLive(api: Api) {
  const own: Own = {
    nodes: createCollection(),
    problems: createCollection(),
    intents: createCollection(),
    decisions: createCollection(),
    autonomy: createCollection(),
    status: createCollection(),
  };
  const data = Object.fromEntries(TOPICS.map((topic) => [topic, own[topic].shown])) as unknown as Collections;
  const [socketOpen, setSocketOpen] = createSignal(false);
  const [networkUp, setNetworkUp] = createSignal(navigator.onLine);
  const [lastDataAt, setLastDataAt] = createSignal<number | null>(null);

  let seqs: Partial<Record<Topic, number>> = {};
  let socket: WebSocket | null = null;
  let attempt = 0;
  let running = false;
  let queue: LiveMessage[] = [];
  const timers = { reconnect: 0, poll: 0, quiet: 0, first: 0 };

  function start() {
    if (running) return;
    running = true;
    addEventListener("online", networkChanged);
    addEventListener("offline", networkChanged);
    connect();
    timers.first = window.setTimeout(
      () => POLLED.some((topic) => !data[topic].ready) && poll(),
      FIRST_SNAPSHOT_MS,
    );
  }

  function stop() {
    running = false;
    removeEventListener("online", networkChanged);
    removeEventListener("offline", networkChanged);
    for (const name of Object.keys(timers) as (keyof typeof timers)[]) {
      clearTimeout(timers[name]);
      timers[name] = 0;
    }
    socket?.close();
    socket = null;
    queue = [];
    seqs = {};
    batch(() => {
      setSocketOpen(false);
      setLastDataAt(null);
      for (const topic of TOPICS) own[topic].clear();
    });
  }

  function networkChanged() {
    setNetworkUp(navigator.onLine);
    if (navigator.onLine && !socketOpen()) {
      attempt = 0;
      clearTimeout(timers.reconnect);
      connect();
      void poll();
    }
  }

  function connect() {
    const url = new URL("/api/v1/live", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    socket?.close();
    const current = new WebSocket(url);
    socket = current;
    current.onopen = () => {
      attempt = 0;
      clearTimeout(timers.poll);
      timers.poll = 0;
      subscribe(TOPICS);
      heard();
    };
    current.onmessage = (event) => {
      if (socket !== current || typeof event.data !== "string") return;
      const message = parseMessage(event.data);
      heard();
      if (message !== null) enqueue(message);
    };
    current.onclose = (event) => {
      if (socket !== current || !running) return;
      socket = null;
      setSocketOpen(false);
      clearTimeout(timers.quiet);
      timers.reconnect = window.setTimeout(connect, backoffMs(attempt++, Math.random()));
      // An ended session shows in the answer to the first poll, which leads to the login. Attempts to connect that fail
      // meanwhile must not put the poll off.
      if (event.code === POLICY || !data.nodes.ready) schedulePoll(0);
      else if (timers.poll === 0) schedulePoll(POLL_MS);
    };
  }

  /** What was missed since the last number comes as patches if the server still has them, else as a snapshot. */
  function subscribe(topics: readonly Topic[]) {
    if (socket?.readyState !== WebSocket.OPEN) return;
    const since = Object.fromEntries(
      topics.flatMap((topic) => (seqs[topic] === undefined ? [] : [[topic, seqs[topic]]])),
    );
    socket.send(JSON.stringify({ subscribe: topics, since }));
  }

  /** Any message proves that the connection lives; silence is checked over HTTP, so that a dead peer is noticed. */
  function heard() {
    setSocketOpen(true);
    clearTimeout(timers.quiet);
    timers.quiet = window.setTimeout(async () => {
      const alive = await api.isAlive();
      if (!socketOpen()) return;
      if (!alive) return socket?.close();
      setLastDataAt(serverNow());
      heard();
    }, QUIET_MS);
  }

  function enqueue(message: LiveMessage) {
    queue.push(message);
    if (queue.length > 1) return;
    // A hidden page gets no animation frames, but its title and badge still count.
    if (document.hidden) window.setTimeout(flush, 250);
    else requestAnimationFrame(flush);
  }

  function flush() {
    const messages = queue;
    queue = [];
    const gaps = new Set<Topic>();
    batch(() => {
      for (const topic of TOPICS) if (apply(topic, messages) === "gap") gaps.add(topic);
      setLastDataAt(serverNow());
    });
    if (gaps.size > 0) subscribe([...gaps]);
  }

  function apply(topic: Topic, messages: LiveMessage[]): "gap" | "applied" {
    let patches: LiveMessage[] = [];
    for (const message of messages) {
      if (message.topic !== topic) continue;
      const verdict = judgeMessage(seqs[topic] ?? null, message);
      if (verdict === "skip") continue;
      if (verdict === "gap") {
        patch(topic, patches);
        return "gap";
      }
      seqs[topic] = message.seq;
      if (message.type === "patch") patches.push(message);
      else {
        patches = [];
        replace(topic, message.items as never[]);
      }
    }
    patch(topic, patches);
    return "applied";
  }

  /** What is here now, read once. */
  const known = <T extends Topic>(topic: T): readonly Topics[T][] => untrack(() => data[topic].items);

  function replace<T extends Topic>(topic: T, items: readonly Topics[T][]) {
    own[topic].set(keepSame(known(topic), joinSnapshot(known(topic), items)));
  }

  function patch<T extends Topic>(topic: T, messages: LiveMessage[]) {
    if (messages.length > 0) own[topic].set(patched(topic, known(topic), mergePatches(messages)));
  }

  function schedulePoll(ms: number) {
    clearTimeout(timers.poll);
    timers.poll = window.setTimeout(poll, ms);
  }

  async function poll() {
    clearTimeout(timers.poll);
    timers.poll = 0;
    await Promise.all(POLLED.map(fetchTopic));
    if (running && !socketOpen()) schedulePoll(POLL_MS);
  }

  async function fetchTopic(topic: (typeof POLLED)[number]) {
    const query = { limit: PAGE_SIZE, ...QUERIES[topic] };
    try {
      const page = await api.list(topic, query);
      // What the socket said meanwhile is newer; without it, the numbers no longer fit what is shown.
      if (!running || (socketOpen() && seqs[topic] !== undefined)) return;
      delete seqs[topic];
      batch(() => {
        replace(topic, page.items as never[]);
        setLastDataAt(serverNow());
      });
    } catch (error) {
      if (running && error instanceof ApiError) own[topic].fail(error);
    }
  }

  /** Take in what was asked for beyond the snapshot; from then on patches keep it young. Answers how many were new. */
  function learn<T extends "nodes" | "problems">(topic: T, items: readonly Topics[T][]): number {
    const ids = new Set(known(topic).map((item) => item.id));
    const strangers = items.filter((item) => !ids.has(item.id));
    if (strangers.length > 0) (own[topic] as OwnCollection<Topics[T]>).set([...known(topic), ...strangers]);
    return strangers.length;
  }

  return {
    data,
    start,
    stop,
    learn,
    /** Ask again at once, for a "try again" button. */
    refresh: () => (socketOpen() ? subscribe(TOPICS) : networkChanged()),
    connection: (now: number) =>
      connectionOf({ socketOpen: socketOpen(), networkUp: networkUp(), lastDataAt: lastDataAt(), now }),
    /** When data last came, epoch ms. */
    lastDataAt,
  };
}
export type Live = ReturnType<typeof createLive>;
