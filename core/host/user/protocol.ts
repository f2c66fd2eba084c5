/** Between the program and the child process of one user's plugin: JSON lines, calls with an id, events without. */
import type { Capability, NodeFacts, Plan, RepairClass, Result, Skipped, Status } from "cortex";
import type { ProblemView } from "cortex";

export interface Manifest {
  name: string;
  version: string;
  summary: string;
  capabilities: Capability[];
  needsConfig: boolean;
  /** JSON Schema of the config's input side. */
  configSchema: unknown;
}

export interface CheckFacts {
  name: string;
  summary: string;
  type: string;
  nature: "fact" | "measured";
  intervalMs: number;
  confirmMs: number;
  timeoutMs?: number | undefined;
  schedule?: string | undefined;
  needsTwoReadings?: boolean | undefined;
}

export interface RepairFacts {
  name: string;
  version: number;
  summary: string;
  class: RepairClass;
  remedies: string[];
  owners?: string[] | undefined;
  order?: number | undefined;
  hasPreconditions: boolean;
}

export interface InstanceFacts {
  checks: CheckFacts[];
  repairs: RepairFacts[];
}

export interface ChildNode extends Omit<NodeFacts, "uptimeMs"> {
  bootedAt: number;
}

/** Calls and what they answer. */
export interface Calls {
  describe: { in: { file: string }; out: Manifest };
  setup: {
    in: {
      instance: string;
      config: unknown;
      node: ChildNode;
      hostRoot: string;
      values: Record<string, unknown>;
    };
    out: InstanceFacts;
  };
  check: {
    in: { instance: string; check: string; previous: Record<string, Status>; oneShot: boolean };
    out: (Result | Skipped)[];
  };
  resolve: { in: { instance: string; repair: string; problem: ProblemView; intentId: string }; out: unknown };
  preconditions: {
    in: { instance: string; repair: string; params: unknown; intentId: string };
    out: { name: string; ok: boolean; detail: string }[];
  };
  plan: { in: { instance: string; repair: string; params: unknown; intentId: string }; out: Plan };
}

export type CallName = keyof Calls;
export type Request = { [N in CallName]: { id: number; call: N; input: Calls[N]["in"] } }[CallName];

export type Reply =
  { id: number; ok: true; value: unknown } | { id: number; ok: false; code: string; message: string };

export type ChildEvent =
  | { event: "wake"; instance: string; check: string }
  | { event: "note"; instance: string; summary: string; data?: Record<string, unknown> | undefined }
  | { event: "set"; instance: string; key: string; value: unknown }
  | { event: "delete"; instance: string; key: string }
  | {
      event: "log";
      instance: string;
      level: "debug" | "info" | "warn" | "error";
      message: string;
      fields?: Record<string, unknown> | undefined;
    };
