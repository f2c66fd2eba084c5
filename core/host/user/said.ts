/**
 * What a child says is data from outside, whatever the plugin's types promise: looked at once, here, before anything in
 * the program relies on it.
 */
import {
  type Capability,
  defineErrors,
  type Plan,
  type Precondition,
  type Result,
  type Skipped,
} from "cortex";
import * as z from "zod";
import type { ConfigFault, InstanceFacts, Manifest } from "./protocol.ts";

const errors = defineErrors("plugin", { invalid: "invalid" });

/** Part of keys and file names: nothing that separates there. */
const name = z
  .string()
  .max(100)
  .regex(/^[a-zA-Z][a-zA-Z0-9_.-]*$/, "must begin with a letter and hold letters, digits, _ . - only");
const text = z.string().max(1000);

export const BUILT_IN_ONLY = [
  "daemon",
  "fs-clean",
  "act:remount",
  "act:replace_file",
  "act:install_package",
  "act:reboot",
  "passwords",
  "token-keys",
  "exec-configured",
];

const manifest = z.object({
  name,
  version: z.string().max(50),
  summary: text,
  capabilities: z
    .array(
      z
        .string()
        .max(200)
        .refine((one) => !BUILT_IN_ONLY.includes(one), "is for built-in plugins only"),
    )
    .max(50),
  needsConfig: z.boolean(),
  configSchema: z.unknown(),
});

const faults = z
  .array(z.object({ at: z.array(z.union([z.string().max(200), z.number()])).max(50), message: text }))
  .max(100);

/** An interval below this would keep the program busy with nothing else. */
const SHORTEST_INTERVAL_MS = 100;
const LONGEST_MS = 31 * 86_400_000;

const check = z.object({
  name,
  summary: text,
  type: z.string().min(1).max(100),
  nature: z.enum(["fact", "measured"]),
  intervalMs: z.number().min(SHORTEST_INTERVAL_MS).max(LONGEST_MS),
  confirmMs: z.number().min(0).max(LONGEST_MS),
  timeoutMs: z.number().min(1).max(3_600_000).optional(),
  schedule: z.string().max(200).optional(),
  needsTwoReadings: z.boolean().optional(),
});

const repair = z.object({
  name,
  version: z.number().int(),
  summary: text,
  class: z.enum(["R0", "R1", "R2", "R3", "R4"]),
  remedies: z.array(z.string().max(100)).max(100),
  owners: z.array(z.string().max(100)).max(50).optional(),
  order: z.number().optional(),
  hasPreconditions: z.boolean(),
  ignored: z.array(z.string().max(30)).max(20).optional(),
});

const unique = (list: readonly { name: string }[]) =>
  new Set(list.map((one) => one.name)).size === list.length;

const facts = z.object({
  checks: z.array(check).max(200).refine(unique, "two have one name"),
  repairs: z.array(repair).max(200).refine(unique, "two have one name"),
});

const result = z.object({
  target: z.string().min(1),
  status: z.enum(["ok", "warning", "critical", "unknown"]),
  summary: z.string(),
  detail: z.string().optional(),
  // JSON has no NaN: what was none arrives as null.
  metrics: z.record(z.string(), z.number().nullable()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  type: z.string().optional(),
  owner: z.string().optional(),
  dependsOn: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
  certain: z.boolean().optional(),
  confirmMs: z.number().min(0).max(LONGEST_MS).optional(),
  observe: z.boolean().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
const results = z.array(z.union([z.object({ skipped: z.string(), target: z.string().optional() }), result]));

/** Without effects: what a child says that its steps do is nobody's knowledge, so that only people decide about them. */
const plan = z.object({
  summary: z.string().max(10_000),
  changes: z
    .array(z.object({ what: z.string(), from: z.string().optional(), to: z.string().optional() }))
    .max(500),
  promise: z.object({ freedBytes: z.number(), totalBytes: z.number() }).optional(),
  empty: z.boolean().optional(),
  data: z.unknown().optional(),
});

const preconditions = z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() }));

function understood<T>(what: string, schema: z.ZodType<T>, said: unknown): T {
  const parsed = schema.safeParse(said);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [what, ...(issue?.path ?? []).map(String)].join(".");
  throw errors.invalid(`${place} is not what the plugin contract says: ${issue?.message}`);
}

export const manifestSaid = (said: unknown): Manifest => {
  const { capabilities, ...rest } = understood("its manifest", manifest, said);
  return { ...rest, capabilities: capabilities as Capability[] };
};
export const faultsSaid = (said: unknown): ConfigFault[] => understood("what is wrong", faults, said);
export const factsSaid = (said: unknown): InstanceFacts => understood("what it brings", facts, said);
export const planSaid = (said: unknown): Plan => understood("its plan", plan, said) as Plan;
export const preconditionsSaid = (said: unknown): Precondition[] =>
  understood("its preconditions", preconditions, said);

export function resultsSaid(said: unknown): (Result | Skipped)[] {
  return understood("its answer", results, said).map((one) => {
    if ("skipped" in one) return one;
    const metrics = Object.entries(one.metrics ?? {}).filter(([, value]) => value !== null);
    return { ...one, metrics: Object.fromEntries(metrics) } as Result;
  });
}
