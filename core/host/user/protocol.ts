/** Between the program and the child process of one user's plugin: JSON lines, calls with an id, events without. */
import type { Capability, ErrorKind, NodeFacts, Plan, RepairClass, Result, Skipped, Status } from "cortex";
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
  /** Functions that it declares and that are not run in a plugin of a user's own. */
  ignored?: string[] | undefined;
}

export interface InstanceFacts {
  checks: CheckFacts[];
  repairs: RepairFacts[];
}

export interface ChildNode extends Omit<NodeFacts, "uptimeMs"> {
  bootedAt: number;
}

/** The text of a plugin: read once, so that what was looked at is what runs. */
export interface PluginFiles {
  /** The folder, for messages; nothing is read from it. */
  folder: string;
  /** `index.ts` or `index.js`. */
  entry: string;
  /** Path below the folder → text. */
  files: Record<string, string>;
}

/** What an instance keeps sealed, or why it can't be read. */
export type SealedValue = { value: unknown } | { code: string; message: string };

/** `at`: below the instance's own section. */
export interface ConfigFault {
  at: (string | number)[];
  message: string;
}

/** Calls and what they answer. */
export interface Calls {
  describe: { in: PluginFiles; out: Manifest };
  setup: {
    in: {
      instance: string;
      config: unknown;
      node: ChildNode;
      values: Record<string, unknown>;
      sealed: Record<string, SealedValue>;
      /** Where the declared programs are; null: not installed. */
      programs: Record<string, string | null>;
    };
    out: InstanceFacts;
  };
  /** What is wrong with a configuration, as of the plugin's own schema; it is not set up. */
  judge: { in: { config: unknown }; out: ConfigFault[] };
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

/** A child has no files, programs or network of its own: it asks, and the program answers what the plugin declared. */
export const PORT_METHODS = {
  fs: ["readText", "readTextIfPresent", "list", "exists", "stat", "readLink", "usage"],
  exec: ["run"],
  fetch: ["fetch"],
  net: ["connect", "resolve", "certificate"],
} as const;
export type PortName = keyof typeof PORT_METHODS;

export interface Ask {
  ask: number;
  instance: string;
  port: PortName;
  method: string;
  args: unknown[];
}

export type Answer =
  | { answer: number; ok: true; value: unknown }
  | { answer: number; ok: false; code: string; kind: ErrorKind; message: string };

export type FromProgram = Request | Answer;

export type Reply =
  { id: number; ok: true; value: unknown } | { id: number; ok: false; code: string; message: string };

export type ChildEvent =
  | { event: "wake"; instance: string; check: string }
  | { event: "note"; instance: string; summary: string; data?: Record<string, unknown> | undefined }
  | { event: "set"; instance: string; key: string; value: unknown; sealed?: true }
  | { event: "delete"; instance: string; key: string; sealed?: true }
  | {
      event: "log";
      instance: string;
      level: "debug" | "info" | "warn" | "error";
      message: string;
      fields?: Record<string, unknown> | undefined;
    };
