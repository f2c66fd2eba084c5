/** Everything that one live WebSocket said, with the time at which it came in. */
import type {
  AutonomyItem,
  DecisionItem,
  InspectionItem,
  IntentItem,
  NodeItem,
  ProblemItem,
  ReportItem,
  StatusItem,
} from "../../../core/monitor/items.ts";
import type { Topic } from "../../../core/monitor/hub.ts";
import { now, until } from "./wait.ts";

export interface TopicItems {
  nodes: NodeItem;
  problems: ProblemItem;
  intents: IntentItem;
  decisions: DecisionItem;
  autonomy: AutonomyItem;
  inspections: InspectionItem;
  reports: ReportItem;
  status: StatusItem;
}

export interface LiveMessage {
  /** Epoch ms of its arrival. */
  at: number;
  topic: Topic;
  type: "snapshot" | "patch" | "error";
  seq: number;
  items: unknown[];
  removed?: string[];
}

export interface Seen<T> {
  at: number;
  type: LiveMessage["type"];
  item: T;
}

export interface Live {
  readonly messages: LiveMessage[];
  /** Items of one topic in the order in which they came, snapshots included. */
  items<T extends Topic>(topic: T): Seen<TopicItems[T]>[];
  /** The first item of this kind that fits, looked for among all that came, then among those to come. */
  wait<T extends Topic>(
    topic: T,
    fits: (item: TopicItems[T], seen: Seen<TopicItems[T]>) => boolean,
    options: { what: string; timeoutMs?: number },
  ): Promise<Seen<TopicItems[T]>>;
  /** Forget what came so far. */
  clear(): void;
  readonly isOpen: boolean;
  close(): void;
}

/** Browsers can't send headers with a WebSocket; Bun can, and its types give way to the DOM's. */
const SocketWithHeaders = WebSocket as unknown as new (
  url: string,
  options: { headers: Record<string, string> },
) => WebSocket;

/** Subscribe and wait for the snapshots. */
export async function openLive(url: string, key: string, topics: Topic[]): Promise<Live> {
  const messages: LiveMessage[] = [];
  const address = `${url.replace(/^http/, "ws")}/api/v1/live`;
  const socket = new SocketWithHeaders(address, { headers: { authorization: `Bearer ${key}` } });
  let failed = false;
  socket.addEventListener("error", () => (failed = true));
  socket.addEventListener("message", (event) => {
    messages.push({ at: now(), ...(JSON.parse(String(event.data)) as Omit<LiveMessage, "at">) });
  });
  socket.addEventListener("open", () => socket.send(JSON.stringify({ subscribe: topics })));
  const live: Live = {
    messages,
    items: <T extends Topic>(topic: T) =>
      messages
        .filter((message) => message.topic === topic)
        .flatMap(({ at, type, items }) => items.map((item) => ({ at, type, item: item as TopicItems[T] }))),
    wait: (topic, fits, { what, timeoutMs = 10_000 }) =>
      until(() => live.items(topic).find((seen) => fits(seen.item, seen)), { what, timeoutMs, everyMs: 5 }),
    clear: () => void messages.splice(0),
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    close: () => socket.close(),
  };
  const complete = () => topics.every((topic) => messages.some((message) => message.topic === topic));
  await until(() => failed || complete(), { what: "the live socket answers", timeoutMs: 5000, everyMs: 5 });
  if (failed) throw new Error(`the live socket at ${address} was refused`);
  return live;
}
