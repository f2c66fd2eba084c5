/** What each kind of message changes, collected per transaction: rows now, live patches and history once durable. */
import type { Log } from "cortex";
import { messageOf } from "cortex";
import type { MetricsStore } from "../store/metrics/metrics-store.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { IntentBody } from "../wire/intent.ts";
import type { InventoryBody } from "../wire/inventory.ts";
import type { ProblemBody } from "../wire/problem.ts";
import type { InspectionBody, ReportBody } from "../wire/report.ts";
import type { CheckRuns } from "./check-runs.ts";
import type { Hub, LiveItem, Topic } from "./hub.ts";
import type { Message } from "./message.ts";
import type { ReportItem } from "./items.ts";
import type { Nodes } from "./nodes.ts";
import { samplesOf } from "./results.ts";

export interface Effects {
  begin(): void;
  apply(message: Message): void;
  /** Last step inside the transaction. */
  save(): void;
  /** After the commit. */
  publish(): void;
  /** The transaction was rolled back. */
  abandon(): void;
  counters: Record<"intents" | "checkRuns" | "lost", Record<string, number>>;
}

export interface EffectsOptions {
  store: MonitorStore;
  nodes: Nodes;
  metrics: MetricsStore;
  checkRuns: CheckRuns;
  log: Log;
  hub: () => Hub;
  /** Told of every intent that changed. */
  intents?: IntentWatch;
}

export interface IntentWatch {
  /** In the transaction that stores it. */
  noticed(node: string, intent: IntentBody): void;
  /** After that transaction. */
  settle(): void;
}

export function createEffects(options: EffectsOptions): Effects {
  const { store, nodes, metrics, checkRuns, log, hub } = options;
  let touched = new Set<string>();
  let withProblems = new Set<string>();
  /** By topic, then key: of what shares a key only the last one in a batch is worth a patch. */
  let patches = new Map<Topic, Map<string, LiveItem>>();
  let history: Parameters<MetricsStore["append"]>[] = [];

  const counters: Effects["counters"] = { intents: {}, checkRuns: {}, lost: {} };
  const countUp = (table: Record<string, number>, key: string) => void (table[key] = (table[key] ?? 0) + 1);

  function show(topic: Topic, item: LiveItem, key = item.id): void {
    const items = patches.get(topic) ?? new Map<string, LiveItem>();
    patches.set(topic, items.set(key, item));
  }
  const shown = <Body>(node: string, body: Body) => ({ ...body, node, nodeName: nodes.nameOf(node) });

  function problem(node: string, body: ProblemBody, position: number): void {
    nodes.heard(node);
    if (!store.problems.put(node, body, position)) return;
    withProblems.add(node);
    show("problems", shown(node, body));
  }

  function report(node: string, body: ReportBody, position: number): void {
    nodes.report(node, body, position);
    if (body.results.length > 0) history.push([node, Date.parse(body.at), samplesOf(body.results)]);
    for (const run of body.inspections) inspection(node, run);
    const item: ReportItem = {
      id: node,
      ...shown(node, { at: body.at, results: nodes.resultsOf(node) }),
    };
    show("reports", item);
  }

  function inventory(node: string, body: InventoryBody, position: number): void {
    if (nodes.inventory(node, body, position)) checkRuns.inventory(node, body);
  }

  function inspection(node: string, body: InspectionBody): void {
    if (!store.inspections.put(node, body)) return;
    checkRuns.ran(node, body);
    if (body.state === "done") countUp(counters.checkRuns, body.status ?? "unknown");
    show("inspections", shown(node, body));
  }

  function intent(node: string, body: IntentBody, position: number): void {
    const before = store.intents.get(body.id, node)?.body.state;
    if (!store.intents.put(node, body, position)) return;
    options.intents?.noticed(node, body);
    if (body.state !== before) countUp(counters.intents, body.state);
    // Each step is shown: a repair that is allowed at once is proposed and approved within one batch.
    show("intents", shown(node, body), `${body.id} ${body.state}`);
  }

  function reset(): void {
    touched = new Set();
    withProblems = new Set();
    patches = new Map();
    history = [];
  }

  /**
   * History has a file of its own and is written first: after a crash in between the node sends the report again, which
   * changes nothing there. It may be dropped without loss of truth, so when it fails, reports are taken all the same.
   */
  function keepHistory(): void {
    if (history.length === 0) return;
    try {
      metrics.transaction(() => history.forEach((samples) => metrics.append(...samples)));
    } catch (error) {
      countUp(counters.lost, "history");
      log.error("metrics of some reports were lost", { reports: history.length, error: messageOf(error) });
    }
  }

  return {
    counters,
    begin: reset,
    abandon: reset,
    apply(message) {
      const { node } = message;
      touched.add(node);
      if (isOf(message, "report")) report(node, message.body, message.position);
      else if (isOf(message, "heartbeat")) nodes.heartbeat(node, message.body, message.position);
      else if (isOf(message, "problem")) problem(node, message.body, message.position);
      else if (isOf(message, "inventory")) inventory(node, message.body, message.position);
      else {
        nodes.heard(node);
        if (isOf(message, "intent")) intent(node, message.body, message.position);
        else if (isOf(message, "inspection")) inspection(node, message.body);
        else if (isOf(message, "checkpoint")) store.inbox.addCheckpoint(node, message.body);
        else if (isOf(message, "gap")) store.inbox.addGap(node, message.body);
      }
    },
    save() {
      keepHistory();
      for (const node of touched) nodes.save(node);
    },
    publish() {
      for (const node of withProblems) nodes.problemsChanged(node);
      for (const [topic, items] of patches) hub().publish(topic, [...items.values()]);
      reset();
      options.intents?.settle();
    },
  };
}

const isOf = <T extends Message["type"]>(message: Message, type: T): message is Message<T> =>
  message.type === type;
