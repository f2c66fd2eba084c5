/**
 * A dashboard that misses messages, or was away, comes to what the API says. The client here goes by the dashboard's own
 * rules (ui/data/live.model.ts) and loses messages on purpose.
 */
import type { IntentItem, NodeItem, ProblemItem } from "../../../core/monitor/items.ts";
import { judgeMessage, type LiveMessage, parseMessage, type Topic } from "../../../ui/data/live.model.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual, isFailed } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { createChoice } from "./choice.ts";

const TOPICS: Topic[] = ["nodes", "problems", "intents"];
const SEED = 7;
/** The hub keeps 256 patches of a topic; who missed more gets a snapshot. */
const MORE_THAN_KEPT = 300;
const RECONNECT_MS = 100;
/** So many of the newest intents are compared; a snapshot has 100. */
const COMPARED = 50;

interface Item {
  id: string;
}

interface Client {
  items(topic: Topic): Item[];
  seq(topic: Topic): number;
  connect(): Promise<void>;
  /** As when the network is gone: what was known stays. */
  disconnect(): void;
  /** Share of patches that never arrive. */
  lose(share: number): void;
  counts: { lost: number; gaps: number; snapshots: Record<string, number>; patches: Record<string, number> };
}

type Judge = typeof judgeMessage;

const SocketWithHeaders = WebSocket as unknown as new (
  url: string,
  options: { headers: Record<string, string> },
) => WebSocket;

function createClient(cortex: Cortex, key: string, judge: Judge): Client {
  const chance = createChoice(SEED);
  const state = new Map(TOPICS.map((topic) => [topic, new Map<string, Item>()]));
  const seqs: Partial<Record<Topic, number>> = {};
  const counts: Client["counts"] = { lost: 0, gaps: 0, snapshots: {}, patches: {} };
  let share = 0;
  let socket: WebSocket | null = null;

  const subscribe = (topics: Topic[]) => socket?.send(JSON.stringify({ subscribe: topics, since: seqs }));

  function hear(message: LiveMessage): void {
    const { topic, type } = message;
    if (type === "patch" && chance.below(1000) < share * 1000) return void (counts.lost += 1);
    const verdict = judge(seqs[topic] ?? null, message);
    if (verdict === "gap") {
      counts.gaps += 1;
      subscribe([topic]);
    }
    if (verdict !== "apply") return;
    const kind = type === "snapshot" ? counts.snapshots : counts.patches;
    kind[topic] = (kind[topic] ?? 0) + 1;
    seqs[topic] = message.seq;
    const items = state.get(topic)!;
    if (type === "snapshot") items.clear();
    for (const item of message.items) items.set(item.id, item);
    for (const id of message.removed) items.delete(id);
  }

  async function connect(): Promise<void> {
    const opened = Promise.withResolvers<void>();
    const current = new SocketWithHeaders(`${cortex.url.replace("http", "ws")}/api/v1/live`, {
      headers: { authorization: `Bearer ${key}` },
    });
    socket = current;
    current.addEventListener("open", () => opened.resolve());
    current.addEventListener("error", () => opened.reject(new Error("the live socket was refused")));
    current.addEventListener("message", (event) => {
      const message = parseMessage(String(event.data));
      if (message !== null && socket === current) hear(message);
    });
    // Who asks again too often is shut out for a moment, and comes back as after any absence.
    current.addEventListener("close", () => {
      if (socket === current) setTimeout(() => void connect().catch(() => undefined), RECONNECT_MS);
    });
    await opened.promise;
    subscribe(TOPICS);
  }

  return {
    connect,
    items: (topic) => [...state.get(topic)!.values()],
    seq: (topic) => seqs[topic] ?? 0,
    counts,
    lose(next) {
      share = next;
    },
    disconnect() {
      const current = socket;
      socket = null;
      current?.close();
    },
  };
}

const byId = <T extends Item>(items: readonly T[]): T[] => items.toSorted((a, b) => (a.id < b.id ? 1 : -1));

/** What both sides show, in the same form. Signs of life go on all the time and are left out. */
interface View {
  nodes: unknown[];
  problems: unknown[];
  intents: unknown[];
}
const viewOf = (nodes: NodeItem[], problems: ProblemItem[], intents: IntentItem[]): View => ({
  nodes: byId(nodes).map(({ id, name, state, repairs, openProblems }) => [
    id,
    name,
    state,
    repairs,
    openProblems,
  ]),
  problems: byId(problems.filter((one) => one.state === "open")),
  intents: byId(intents).slice(0, COMPARED),
});

const ofClient = (client: Client): View =>
  viewOf(
    client.items("nodes") as NodeItem[],
    client.items("problems") as ProblemItem[],
    client.items("intents") as IntentItem[],
  );

async function ofApi(cortex: Cortex): Promise<View> {
  const list = async <T>(path: string) => (await cortex.api<{ items: T[] }>("GET", path)).json.items;
  return viewOf(
    await list<NodeItem>("nodes?limit=100"),
    await list<ProblemItem>("problems?state=open&limit=100"),
    await list<IntentItem>(`intents?limit=${COMPARED}`),
  );
}

/** Resolves once both sides show the same; says where they differ when they never do. */
async function agree(cortex: Cortex, client: Client, when: string): Promise<void> {
  let differs: string[] = [];
  const same = async () => {
    const [mine, theirs] = [ofClient(client), await ofApi(cortex)];
    differs = (Object.keys(mine) as (keyof View)[]).filter(
      (topic) => JSON.stringify(mine[topic]) !== JSON.stringify(theirs[topic]),
    );
    return differs.length === 0;
  };
  const what = `the client shows what the API says ${when}`;
  await until(same, { what, timeoutMs: 6000, everyMs: 50 }).catch((error: unknown) => {
    if (isFailed(error)) error.message += `; they differ in ${differs.join(", ")}`;
    throw error;
  });
}

/** Notes, and the master switch turned, so that more than one topic changes. */
async function change(cortex: Cortex, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const made = await cortex.api("POST", "intents", { kind: "note", summary: `note ${index}` });
    ensureEqual(made.status, 201, "POST intents");
    if (index % 10 === 0)
      await cortex.api("POST", "settings/switch", { repairs: index % 20 !== 0, reason: "live-gap" });
  }
}

async function live(rig: Rig, judge: Judge): Promise<string> {
  const cortex = await rig.cortex({ config: { server: { request_rate: 10_000 } } });
  const client = createClient(cortex, await cortex.key("viewer"), judge);
  await client.connect();
  await agree(cortex, client, "at first");

  client.lose(0.3);
  await change(cortex, 60);
  client.lose(0);
  // The hole is seen with the next message.
  await change(cortex, 1);
  await agree(cortex, client, "after messages were lost");
  const { counts } = client;
  ensure(counts.lost >= 10 && counts.gaps >= 5, `${counts.lost} messages lost, ${counts.gaps} gaps: too few`);

  const before = { snapshots: counts.snapshots.intents ?? 0, patches: counts.patches.intents ?? 0 };
  client.disconnect();
  await change(cortex, 20);
  await client.connect();
  await agree(cortex, client, "after a short absence");
  ensureEqual(counts.snapshots.intents ?? 0, before.snapshots, "snapshots for a short absence");
  const replayed = (counts.patches.intents ?? 0) - before.patches;
  ensure(replayed >= 20, `only ${replayed} patches replayed for 20 notes`);

  client.disconnect();
  await change(cortex, MORE_THAN_KEPT);
  await client.connect();
  await agree(cortex, client, "after a long absence");
  ensureEqual(counts.snapshots.intents, before.snapshots + 1, "snapshots, after a long absence");

  const old = client.seq("intents");
  client.disconnect();
  await cortex.restart();
  await change(cortex, 1);
  await client.connect();
  await agree(cortex, client, "after a restart of Cortex");
  ensure(client.seq("intents") > old, "the numbers of patches went back with the restart");
  client.disconnect();
  return `${counts.lost} messages lost in ${counts.gaps} gaps, ${replayed} replayed, snapshots after ${MORE_THAN_KEPT} and after a restart: always what the API says`;
}

const scenario: Scenario = {
  name: "live-gap",
  quick: true,
  timeoutMs: 90_000,
  run: (rig) => live(rig, judgeMessage),
  /** A client that does not look at the numbers. */
  control: (rig) => live(rig, () => "apply"),
};
export default scenario;
