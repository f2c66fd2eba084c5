/**
 * Fleet data in one store, kept young by a WebSocket: snapshots and patches with sequence numbers, one store write per
 * animation frame. Without a socket it polls.
 */
import { batch, createSignal } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { ApiError, type Api } from "./api.ts";
import { serverNow } from "./clock.ts";
import {
  backoffMs,
  connectionOf,
  judgeMessage,
  KEEP_INTENTS,
  mergePatches,
  newest,
  parseMessage,
  TOPICS,
  type LiveMessage,
  type Topic,
  type Topics,
} from "./live.model.ts";

export interface Collection<T> {
  items: T[];
  /** True once a first answer came, even an empty one. */
  ready: boolean;
  /** Why the last fetch failed; what was there before stays. */
  error: ApiError | null;
}
type Collections = { [K in Topic]: Collection<Topics[K]> };

const POLL_MS = 5000;
/** A socket that says nothing for this long is asked over HTTP whether the Monitor still lives. */
const QUIET_MS = 30_000;
/** How long the first snapshot may take before HTTP is asked as well. */
const FIRST_SNAPSHOT_MS = 1500;
const PAGE_SIZE = 200;

export function createLive(api: Api) {
  const empty = () => ({ items: [], ready: false, error: null });
  const [data, setData] = createStore<Collections>({ nodes: empty(), problems: empty(), intents: empty() });
  const [socketOpen, setSocketOpen] = createSignal(false);
  const [networkUp, setNetworkUp] = createSignal(navigator.onLine);
  const [lastDataAt, setLastDataAt] = createSignal<number | null>(null);

  const seqs: Partial<Record<Topic, number>> = {};
  let socket: WebSocket | null = null;
  let attempt = 0;
  let running = false;
  let queue: LiveMessage[] = [];
  const timers = { reconnect: 0, poll: 0, quiet: 0, first: 0, flush: 0 };

  function start() {
    if (running) return;
    running = true;
    addEventListener("online", networkChanged);
    addEventListener("offline", networkChanged);
    connect();
    timers.first = window.setTimeout(
      () => TOPICS.some((topic) => !data[topic].ready) && poll(),
      FIRST_SNAPSHOT_MS,
    );
  }

  function stop() {
    running = false;
    removeEventListener("online", networkChanged);
    removeEventListener("offline", networkChanged);
    for (const timer of Object.values(timers)) clearTimeout(timer);
    socket?.close();
    socket = null;
    queue = [];
    batch(() => {
      setSocketOpen(false);
      setLastDataAt(null);
      for (const topic of TOPICS) setData(topic, empty());
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
      subscribe(TOPICS);
      heard();
    };
    current.onmessage = (event) => {
      if (socket !== current || typeof event.data !== "string") return;
      const message = parseMessage(event.data);
      heard();
      if (message !== null) enqueue(message);
    };
    current.onclose = () => {
      if (socket !== current || !running) return;
      socket = null;
      forget(TOPICS);
      setSocketOpen(false);
      clearTimeout(timers.quiet);
      timers.reconnect = window.setTimeout(connect, backoffMs(attempt++, Math.random()));
      clearTimeout(timers.poll);
      timers.poll = window.setTimeout(poll, data.nodes.ready ? POLL_MS : 0);
    };
  }

  function subscribe(topics: readonly Topic[]) {
    if (socket?.readyState !== WebSocket.OPEN) return;
    forget(topics);
    socket.send(JSON.stringify({ subscribe: topics }));
  }

  /** Without a sequence number a topic waits for its next snapshot. */
  function forget(topics: readonly Topic[]) {
    for (const topic of topics) delete seqs[topic];
  }

  /** Any message proves that the connection lives; silence is checked over HTTP, so that a dead peer is noticed. */
  function heard() {
    setSocketOpen(true);
    clearTimeout(timers.quiet);
    timers.quiet = window.setTimeout(async () => {
      try {
        await api.settings();
        setLastDataAt(serverNow());
        if (socketOpen()) heard();
      } catch {
        socket?.close();
      }
    }, QUIET_MS);
  }

  function enqueue(message: LiveMessage) {
    queue.push(message);
    if (queue.length > 1) return;
    // A hidden page gets no animation frames, but its title and badge still count.
    if (document.hidden) timers.flush = window.setTimeout(flush, 250);
    else requestAnimationFrame(flush);
  }

  function flush() {
    const messages = queue;
    queue = [];
    const gaps: Topic[] = [];
    batch(() => {
      for (const topic of TOPICS) {
        const patches: LiveMessage[] = [];
        for (const message of messages) {
          if (message.topic !== topic || gaps.includes(topic)) continue;
          const verdict = judgeMessage(seqs[topic] ?? null, message);
          if (verdict === "gap") gaps.push(topic);
          if (verdict !== "apply") continue;
          seqs[topic] = message.seq;
          if (message.type === "patch") patches.push(message);
          else {
            patches.length = 0;
            replace(topic, message.items as Topics[Topic][]);
          }
        }
        if (patches.length > 0) patch(topic, patches);
      }
      setLastDataAt(serverNow());
    });
    if (gaps.length > 0) subscribe(gaps);
  }

  function replace(topic: Topic, items: Topics[Topic][]) {
    setData(topic, "items", reconcile(items as never[], { key: "id" }));
    setData(topic, { ready: true, error: null });
  }

  function patch(topic: Topic, messages: LiveMessage[]) {
    const { items, removed } = mergePatches(messages);
    const gone = new Set(removed);
    const list = data[topic].items as { id: string }[];
    const indexes = new Map(list.map((item, index) => [item.id, index]));
    for (const item of items) {
      const index = indexes.get(item.id) ?? data[topic].items.length;
      setData(topic, "items", index, reconcile(item as never));
    }
    if (gone.size > 0)
      setData(topic, "items", (all: { id: string }[]) => all.filter((item) => !gone.has(item.id)) as never);
    if (topic === "intents") setData("intents", "items", (all) => newest(all, KEEP_INTENTS));
  }

  async function poll() {
    clearTimeout(timers.poll);
    await Promise.all(TOPICS.map(fetchTopic));
    if (running && !socketOpen()) timers.poll = window.setTimeout(poll, POLL_MS);
  }

  async function fetchTopic(topic: Topic) {
    try {
      const page = await api.list(topic, { limit: PAGE_SIZE });
      // A snapshot that came meanwhile is newer and has a sequence number.
      if (!running || seqs[topic] !== undefined) return;
      batch(() => {
        replace(topic, page.items);
        setLastDataAt(serverNow());
      });
    } catch (error) {
      if (running && error instanceof ApiError) setData(topic, "error", error);
    }
  }

  return {
    data,
    start,
    stop,
    /** Ask again at once, for a "try again" button. */
    refresh: () => (socketOpen() ? subscribe(TOPICS) : networkChanged()),
    connection: (now: number) =>
      connectionOf({ socketOpen: socketOpen(), networkUp: networkUp(), lastDataAt: lastDataAt(), now }),
  };
}
export type Live = ReturnType<typeof createLive>;
