/** Nodes and a plugin whose every word is written by a stranger. */
import {
  sampleCheck,
  sampleHeartbeat,
  sampleInspection,
  sampleIntent,
  sampleInventory,
  sampleReport,
  sampleResult,
} from "../../../core/testing/wire-samples.ts";
import { toIso } from "../../../core/wire/envelope.ts";
import type { Said } from "../../bench/lib/seed.ts";
import { crowdNode } from "./crowd.ts";
import { HUGE, PAYLOADS } from "./payloads.ts";

/** At most `max` UTF-16 units, no character cut in two. */
const cut = (text: string, max: number): string => text.slice(0, max).replace(/[\uD800-\uDBFF]$/, "");
export const payload = (index: number, max = 1000): string => cut(PAYLOADS[index % PAYLOADS.length]!, max);

/** A node whose every word is hostile, each place another payload, so that each payload comes to each place. */
export function hostileNode(index: number, at: number): Said[] {
  const p = (offset: number, max?: number) => payload(index + offset, max);
  const [problem] = crowdNode(index, at, 1)
    .filter(({ type }) => type === "problem")
    .map(({ body }) => body as object);
  const inventory = sampleInventory({
    name: p(0, 255),
    labels: { [p(1, 100)]: p(2), site: p(3) },
    group: p(4, 100),
    tags: [p(5, 100)],
    os: p(6, 200),
    kernel: p(7, 200),
    checks: [
      sampleCheck({ id: p(8, 200), summary: p(9), state: "broken", reason: p(10), plugin: p(11, 100) }),
    ],
    repairs: [
      {
        id: p(12, 100),
        version: 1,
        plugin: p(13, 100),
        summary: p(14),
        class: "R2",
        remedies: [p(15, 100)],
        undo: false,
        mode: "ask",
        attempts: 1,
        successes: 0,
        failures: 1,
        lastAt: toIso(at),
      },
    ],
    plugins: [
      {
        id: p(16, 200),
        name: p(16, 100),
        instance: "default",
        version: p(17, 50),
        origin: "user",
        state: "broken",
        reason: p(18),
        summary: p(19),
        checks: [p(20, 100)],
        repairs: [p(21, 100)],
        capabilities: [p(22, 200)],
        restarts: 1,
      },
    ],
  });
  const result = sampleResult(at, { check: p(23, 100), target: p(24), status: "critical", summary: p(25) });
  const intent = sampleIntent(at, {
    kind: index % 2 === 0 ? "note" : "repair",
    state: index % 2 === 0 ? "verified" : "failed",
    summary: index === 0 ? HUGE : p(26),
    text: index === 0 ? HUGE : p(27),
    actor: p(28, 200),
    target: p(29),
    owner: `unit:${p(30, 900)}`,
    repair: p(31, 100),
    plan: { summary: p(32), changes: [{ what: p(33), from: p(34), to: p(35) }] },
    decisions: [{ decider: p(36, 100), verdict: "human", reason: p(37), at: toIso(at) }],
    outcome: [{ step: p(38, 50), ok: false, summary: p(39), at: toIso(at), data: { log: p(40) } }],
  });
  return [
    { type: "inventory", body: inventory },
    { type: "heartbeat", body: sampleHeartbeat(at, { version: p(41, 50) }) },
    { type: "report", body: sampleReport(at, [result]) },
    { type: "inspection", body: sampleInspection(at, { check: p(42, 100), error: p(43) }) },
    {
      type: "problem",
      body: {
        ...problem,
        check: p(44, 100),
        target: p(45),
        type: p(46, 100),
        summary: index === 0 ? HUGE : p(47),
        owner: `unit:${p(48, 900)}`,
        labels: { unit: p(49) },
        events: [{ at: toIso(at), kind: p(50, 100), text: p(51) }],
      },
    },
    { type: "intent", body: intent },
  ];
}

/** On the real node: a check that says something hostile about one more target at each run. */
export const HOSTILE_PLUGIN = `
import { definePlugin } from "cortex";
import * as z from "zod";

const PAYLOADS = ${JSON.stringify(PAYLOADS.filter((_, index) => index % 20 === 0))};
let runs = 0;

export default definePlugin({
  name: "hostile",
  version: "1.0.0",
  sdk: 1,
  summary: PAYLOADS[0],
  config: z.strictObject({}),
  modes: ["agent"],
  capabilities: [],
  setup: () => ({
    checks: [
      {
        name: "hostile_words",
        summary: PAYLOADS[1],
        type: "words.bad",
        nature: "fact" as const,
        intervalMs: 2000,
        confirmMs: 0,
        timeoutMs: 1000,
        run: async () =>
          PAYLOADS.slice(0, ++runs).map((text) => ({ target: text, status: "critical" as const, summary: text })),
      },
    ],
  }),
});
`;
