/** A whole agent on the test clock: real pipeline, real store in memory, one scripted plugin, and a Monitor that listens. */
import { type Clock, definePlugin, defineRepair, type PluginHooks, type Result, type Status } from "cortex";
import * as z from "zod";
import { configSchema, type PluginInstance } from "../config/schema.ts";
import { buildInventory } from "../pipeline/report/inventory.ts";
import { createEngine, type Engine } from "../pipeline/engine.ts";
import type { TrustStore } from "../pipeline/trust/trust-store.ts";
import type { RootHelper } from "../pipeline/act/root-helper.ts";
import { type CommandDeps, createCommandHandler } from "../pipeline/commands.ts";
import { createPluginHost } from "../host/plugin-host.ts";
import { createRegistry } from "../host/registry.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import type { Command, CommandResult } from "../wire/command.ts";
import type { Envelope } from "../wire/envelope.ts";
import type { IntentBody } from "../wire/intent.ts";
import type { Uplink } from "../wire/link.ts";
import { createTestContext } from "./context.ts";
import { createMemoryStore, testUuid } from "./memory-store.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";

export interface RigOptions {
  /** Merged into the default configuration, as parsed YAML would be. */
  config?: Record<string, unknown>;
  /** Kept from an earlier rig: the agent's "disk". */
  store?: AgentStore;
  clock?: TestClock;
  /** What the agent itself waits on, where that is not the test's own clock: one that stops with a killed agent. */
  agentClock?: Clock;
  hooks: (world: World) => PluginHooks;
  world?: World;
  uptimeMs?: number;
  /** Default `n_test`, which no Monitor would take. */
  nodeId?: string;
  /** The Monitor that it talks to; by default one that only listens. */
  uplink?: Uplink;
  /** Who may decide for the agent; nobody by default. */
  trust?: TrustStore;
  followKey?: CommandDeps["followKey"];
  /** Who does root work for it; nobody by default. */
  rootHelper?: RootHelper | undefined;
  bootId?: string;
}

/** What the scripted checks see and the scripted repairs change. */
export interface World {
  status: Record<string, Status>;
  /** Calls of repairs in order, "apply:demo", "undo:demo". */
  acts: string[];
  [key: string]: unknown;
}

export interface Rig {
  clock: TestClock;
  store: AgentStore;
  engine: Engine;
  world: World;
  sent: Envelope[];
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Another set of instances of the scripted plugin, as after a reload; none: it was removed. */
  apply(instances: PluginInstance[]): Promise<void>;
  /** Another configuration, as after a reload. */
  reconfigure(config: Record<string, unknown>): void;
  command(command: Command): Promise<CommandResult>;
  /** States that the Monitor was told of, per intent, in order. */
  steps(): string[][];
}

/** The instance that the rig starts with. */
export const SCRIPTED: PluginInstance = {
  plugin: "scripted",
  id: "default",
  host: { id: "default", enabled: true },
  config: {},
};

const quietLog = { debug() {}, info() {}, warn() {}, error() {} };

export function createAgentRig(options: RigOptions): Rig {
  const clock = options.clock ?? createTestClock();
  const world: World = options.world ?? { status: {}, acts: [] };
  const agentClock = options.agentClock ?? clock;
  let config = configSchema.parse(options.config ?? {});
  const newId = () => testUuid(clock.now());
  const store = options.store ?? createMemoryStore(clock);
  const sent: Envelope[] = [];
  const context = createTestContext({ plugin: "scripted", clock: agentClock, node: {} });
  const node = {
    ...context.node,
    bootId: options.bootId ?? context.node.bootId,
    id: options.nodeId ?? context.node.id,
    group: config.node.group,
    tags: config.node.tags,
    uptimeMs: () => options.uptimeMs ?? 3_600_000,
  };
  const registry = createRegistry();
  const plugin = definePlugin({
    name: "scripted",
    version: "1.0.0",
    sdk: 1,
    summary: "Scripted checks and repairs.",
    config: z.strictObject({}).prefault({}),
    modes: ["agent"],
    capabilities: [],
    setup: () => options.hooks(world),
  });
  const host = createPluginHost({
    definitions: [plugin],
    mode: "agent",
    registry,
    ports: {
      ...context,
      log: () => quietLog,
      store: () => context.store,
      privilegesOf: () => context.privileges,
      node,
    },
    events: {
      wake: (key) => engine.wake(key),
      note: () => {},
      hasIntentInFlight: (owner) => engine.stages.repairer.ownerInFlight(owner),
      self: () => ({ rssBytes: 0, cpuSeconds: 0, plugins: [], backups: null }),
      changed: () => {
        if (started) engine.reschedule();
      },
    },
  });
  let started = false;
  const engine: Engine = createEngine({
    config: () => config,
    node,
    store,
    registry,
    uplink: {
      async deliver(envelopes) {
        sent.push(...envelopes);
        return (await options.uplink?.deliver(envelopes)) ?? { handled: envelopes.length };
      },
      onCommand() {},
    },
    clock: agentClock,
    fs: context.fs,
    beginTick: () => {},
    trust: options.trust ?? { signers: () => [], verify: () => false },
    ...(options.rootHelper && { rootHelper: options.rootHelper }),
    epoch: () => 1,
    version: "0.0.0",
    newId,
    random: () => 1,
    redact: (text) => text,
    log: () => quietLog,
    recordCall: (name, instance, error) => host.recordCall(name, instance, error),
    plugins: () => host.statuses(),
    inventory: () =>
      buildInventory({
        node,
        facts: { os: "test", kernel: "0", arch: "x64", memoryBytes: 1 },
        version: "0.0.0",
        config: () => config,
        store,
        registry,
        plugins: () => host.statuses(),
        history: (key) => engine.history(key),
        nextRunAt: (key) => engine.nextRunAt(key),
        earned: (repair) => engine.stages.standing.of(repair),
      }),
  });
  const command = createCommandHandler({
    engine,
    store,
    clock: agentClock,
    nodeId: node.id,
    checkKeys: () => registry.checks().map((one) => one.key),
    reload: async () => ({ changed: [] }),
    rotateKey: async () => ({ key: "k_new" }),
    followKey: options.followKey ?? (() => ({ from: "own", to: "own" })),
    showConfig: () => config,
  });

  options.uplink?.onCommand(command);

  return {
    clock,
    store,
    engine,
    world,
    sent,
    command,
    async start() {
      await host.apply([SCRIPTED]);
      started = true;
      await engine.start(() => host.start());
    },
    async apply(instances) {
      await host.apply(instances);
      engine.stages.repairer.considerAll();
    },
    reconfigure(next) {
      config = configSchema.parse(next);
      engine.stages.repairer.considerAll();
    },
    async stop() {
      await engine.stop();
      await host.stop();
    },
    steps() {
      const intents = sent
        .filter((envelope) => envelope.type === "intent")
        .map((envelope) => envelope.body as IntentBody);
      return [...Map.groupBy(intents, (intent) => intent.id).values()].map((list) => {
        const states = list.map((intent) => intent.state);
        return states.filter((state, index) => state !== states[index - 1]);
      });
    },
  };
}

/** The demo service goes down and stays so for a while. */
export async function breakDemo(rig: Rig, ms = 10_000): Promise<void> {
  rig.world.status.demo = "critical";
  await rig.clock.advance(ms);
}

/** What a person said of an intent reaches the node. */
export const answer = (
  rig: Rig,
  intent: { id: string },
  approval: unknown,
  verdict: "approve" | "reject" = "approve",
): Promise<CommandResult> =>
  rig.command({ type: "decision", intent: intent.id, verdict, approval, reason: "", actor: "user:anna" });

/** Hooks for one declared service `demo` whose status is `world.status.demo`, with a start repair. */
export function demoHooks(world: World, apply: () => boolean = () => true): PluginHooks {
  return {
    checks: [
      {
        name: "service",
        summary: "Is the service up?",
        type: "service.down",
        nature: "fact",
        intervalMs: 2000,
        confirmMs: 3000,
        async run() {
          const status = world.status.demo ?? "ok";
          const result: Result = {
            target: "demo",
            status,
            summary: `demo is ${status}`,
            owner: "process:demo",
            certain: world.certain === true,
          };
          return [result];
        },
      },
    ],
    repairs: [
      defineRepair({
        name: "service.start",
        version: 1,
        summary: "Start the service.",
        class: "R2",
        remedies: ["service.down"],
        owners: ["process"],
        params: z.strictObject({ id: z.string() }),
        resolve: (problem) => ({ id: problem.target }),
        plan: async () => ({
          summary: "start demo",
          changes: [{ what: "process demo", from: "dead", to: "running" }],
          effects: [{ kind: "process", verb: "start", name: "demo" }],
        }),
        async apply() {
          world.acts.push("apply:demo");
          const works = apply();
          if (works) world.status.demo = "ok";
          return { ok: works, summary: works ? "started" : "exited with code 1" };
        },
        probe: async () => (world.probe as "done" | "not_done" | "unknown" | undefined) ?? "unknown",
        undo: "none",
      }),
    ],
  };
}
