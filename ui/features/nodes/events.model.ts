/** What happened on a node, as moments for its charts: problems that opened and ended, repairs. */
import type { IconName } from "../../kit/icon.tsx";
import type { Marker } from "../../kit/time-series.plot.ts";
import type { Intent, Problem } from "../../data/types.ts";
import type { Detail } from "../../shell/detail.model.ts";
import type { Texts } from "./texts.ts";

export interface NodeEvent extends Marker {
  key: string;
  icon: IconName;
  title: string;
  detail: Detail;
}

export function eventsOf(problems: readonly Problem[], intents: readonly Intent[], t: Texts): NodeEvent[] {
  const events: NodeEvent[] = [];
  for (const problem of problems) {
    if (problem.severity === "observe") continue;
    const critical = problem.severity === "critical";
    events.push({
      key: `${problem.id} opened`,
      at: Date.parse(problem.openedAt),
      color: critical ? "bad" : "warn",
      icon: critical ? "critical" : "problem",
      title: t.chart.opened(problem.summary),
      detail: { kind: "problem", id: problem.id },
    });
  }
  for (const intent of intents) {
    if (intent.kind !== "repair" || intent.shadow || intent.outcome.length === 0) continue;
    const good = intent.state === "verified" || intent.state === "executing" || intent.state === "verifying";
    events.push({
      key: intent.id,
      at: Date.parse(intent.finishedAt ?? intent.updatedAt),
      color: good ? "accent" : "unknown",
      icon: "wrench",
      title: `${intent.summary}: ${t.intent.states[intent.state]}`,
      detail: { kind: "intent", id: intent.id },
    });
  }
  return events.sort((a, b) => a.at - b.at);
}

export interface EventGroup {
  /** Place in the span, 0–1. */
  place: number;
  /** The one that counts most comes first. */
  events: NodeEvent[];
}

const WEIGHT: Record<Marker["color"], number> = { bad: 4, warn: 3, unknown: 2, accent: 1, ok: 0 };

/** Events too near to each other to be pressed one by one (`least`: share of the span) stand together. */
export function groupEvents(
  events: readonly NodeEvent[],
  from: number,
  to: number,
  least: number,
): EventGroup[] {
  const groups: EventGroup[] = [];
  for (const event of events) {
    const place = (event.at - from) / (to - from);
    if (place < 0 || place > 1) continue;
    const last = groups.at(-1);
    if (last !== undefined && place - last.place < least) last.events.push(event);
    else groups.push({ place, events: [event] });
  }
  for (const group of groups) group.events.sort((a, b) => WEIGHT[b.color] - WEIGHT[a.color] || b.at - a.at);
  return groups;
}
