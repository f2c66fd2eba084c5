/** What a Monitor may ask of this node: names and typed parameters. Local policy has the last word; all is in the ledger. */
import { type Clock, isCortexError, messageOf } from "cortex";
import { REASONS, type Ruling } from "../domain/decide/reasons.ts";
import type { IntentRecord } from "../domain/intent.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import { type Command, command as commandSchema, type CommandResult } from "../wire/command.ts";
import { fromIso, toIso } from "../wire/envelope.ts";
import { type MasterSwitch, SWITCH_KEY } from "./propose/attempts.ts";
import { AUTONOMY_KEY } from "./propose/autonomy.ts";
import type { Engine } from "./engine.ts";

export interface CommandDeps {
  engine: Engine;
  store: AgentStore;
  clock: Clock;
  nodeId: string;
  checkKeys: () => string[];
  /** Load the file again; throws `config.invalid` and keeps what runs. */
  reload: () => Promise<{ changed: string[] }>;
  showConfig: () => unknown;
  /** Replace the key by which the Monitor knows this node; throws where there is none to tell. */
  rotateKey: () => Promise<{ key: string }>;
  /** Take up a new deciding key that its links prove; it is in the ledger before it is trusted. */
  followKey: (links: unknown, actor: string) => { from: string; to: string } | Ruling;
}

const ok = (data?: unknown): CommandResult => ({ ok: true, data });
const notFound = (message: string): CommandResult => ({
  ok: false,
  code: "command.not_found",
  kind: "not_found",
  message,
});

export function createCommandHandler(deps: CommandDeps): (raw: Command) => Promise<CommandResult> {
  return async (raw) => {
    const parsed = commandSchema.safeParse(raw);
    if (!parsed.success)
      return {
        ok: false,
        code: "command.invalid",
        kind: "invalid",
        message: "not a command of this version",
      };
    try {
      return await obey(deps, parsed.data);
    } catch (error) {
      if (!isCortexError(error))
        return { ok: false, code: "command.failed", kind: "internal", message: messageOf(error) };
      const kind = error.kind === "unauthenticated" || error.kind === "timeout" ? "unavailable" : error.kind;
      return { ok: false, code: error.code, kind, message: error.message };
    }
  };
}

async function obey(deps: CommandDeps, command: Command): Promise<CommandResult> {
  const { engine, store, clock } = deps;
  switch (command.type) {
    case "inspect":
      return inspectNow(deps, command.check, command.actor);
    case "check.pause": {
      const until = command.until === null ? null : fromIso(command.until);
      if (!engine.pause(command.check, until, command.actor))
        return notFound(`no check named ${command.check}`);
      return ok();
    }
    case "check.resume":
      if (!engine.resume(command.check, command.actor)) return notFound(`no check named ${command.check}`);
      return ok();
    case "switch":
      return turnSwitch(deps, { ...command, at: clock.now() });
    case "autonomy.set":
      return setAutonomy(deps, command);
    case "maintenance.add": {
      const { type: _, actor, from, until, ...rest } = command;
      const window = { ...rest, from: fromIso(from), until: fromIso(until), actor };
      if (window.until <= window.from)
        return {
          ok: false,
          code: "maintenance.empty",
          kind: "invalid",
          message: "the window ends before it begins",
        };
      store.transaction(() => {
        store.maintenance.put(window);
        store.ledger.append("maintenance.added", actor, {
          id: rest.id,
          check: rest.check,
          target: rest.target,
          from,
          until,
        });
      });
      engine.stages.reporter.inventoryChanged();
      engine.stages.repairer.considerAll();
      return ok({ id: rest.id });
    }
    case "maintenance.remove":
      if (!store.maintenance.all().some((window) => window.id === command.id))
        return notFound("no such maintenance window");
      store.transaction(() => {
        store.maintenance.remove(command.id);
        store.ledger.append("maintenance.removed", command.actor, { id: command.id });
      });
      engine.stages.reporter.inventoryChanged();
      engine.stages.repairer.considerAll();
      return ok();
    case "entry.add":
      engine.stages.intents.create(entryOf(command, clock.now()));
      return ok({ id: command.id });
    case "decision":
      return engine.stages.approvals.decide(command);
    case "standing.set":
      return engine.stages.standing.accept(command);
    case "deciding_key.follow":
      return followKey(deps, command);
    case "propose": {
      const intent = await engine.stages.repairer.propose(command.problem);
      store.ledger.append("proposal.asked", command.actor, { problem: command.problem, intent: intent.id });
      return ok({ intent: intent.id, state: intent.state });
    }
    case "retry":
      engine.stages.repairer.retry(command.problem, command.actor);
      return ok();
    case "evidence.get": {
      const bundle = store.evidence.get(command.id);
      return bundle === null
        ? notFound("no such evidence, or it is older than the retention")
        : ok({ ...bundle, takenAt: toIso(bundle.takenAt) });
    }
    case "ledger.verify": {
      const { entries, fault } = await store.ledger.verify();
      return ok({ ok: fault === null, entries, firstBroken: fault });
    }
    case "ledger.export":
      return ok({ entries: store.ledger.read(command.after, command.limit).map(exported(deps.nodeId)) });
    case "key.rotate": {
      const rotated = await deps.rotateKey();
      store.ledger.append("key.rotated", command.actor, rotated);
      return ok(rotated);
    }
    case "config.reload":
      return ok(await deps.reload());
    case "config.show":
      return ok(deps.showConfig());
  }
}

function followKey(
  { followKey: follow, store }: CommandDeps,
  { links, actor }: Extract<Command, { type: "deciding_key.follow" }>,
): CommandResult {
  const found = follow(links, actor);
  if (!("verdict" in found)) return ok({ key: found.to });
  const { reason, detail } = found;
  store.ledger.append("deciding_key.refused", actor, { reason, detail });
  const message = `refused by the node: ${REASONS[reason].text}${detail === "" ? "" : ` (${detail})`}`;
  return { ok: false, code: `approval.${reason}`, kind: "forbidden", message };
}

async function inspectNow(
  { engine, checkKeys, store }: CommandDeps,
  check: string | null,
  actor: string,
): Promise<CommandResult> {
  const keys =
    check === null ? checkKeys() : checkKeys().filter((key) => key === check || key.startsWith(`${check}~`));
  if (keys.length === 0) return notFound(`no check named ${check}; \`cortex checks\` lists them`);
  // Runs go on beside the answer; progress travels as inspection messages. That they began is one commit for all.
  store.transaction(() => {
    store.ledger.append("inspection.requested", actor, { check });
    for (const key of keys)
      engine.runNow(key, "manual").catch(() => {
        // It was taken away between the list and the run.
      });
  });
  return ok({ checks: keys });
}

function turnSwitch({ engine, store }: CommandDeps, turn: MasterSwitch): CommandResult {
  const value: MasterSwitch = { repairs: turn.repairs, reason: turn.reason, actor: turn.actor, at: turn.at };
  store.transaction(() => {
    store.meta.set(SWITCH_KEY, value);
    store.ledger.append(turn.repairs ? "switch.on" : "switch.off", turn.actor, { reason: turn.reason });
  });
  engine.stages.reporter.heartbeat();
  engine.stages.repairer.considerAll();
  return ok({ repairs: turn.repairs });
}

function setAutonomy(
  { engine, store }: CommandDeps,
  { autonomy, reason, actor }: Extract<Command, { type: "autonomy.set" }>,
): CommandResult {
  store.transaction(() => {
    store.meta.set(AUTONOMY_KEY, autonomy);
    store.ledger.append("autonomy.set", actor, { autonomy, reason });
  });
  engine.stages.reporter.inventoryNow();
  engine.stages.repairer.considerAll();
  return ok({ autonomy });
}

/** A note, milestone or blocker as it stands among intents: said and done. */
export function entryOf(
  command: Omit<Extract<Command, { type: "entry.add" }>, "type">,
  at: number,
): IntentRecord {
  return {
    id: command.id,
    kind: command.kind,
    state: "verified",
    level: command.level,
    summary: command.summary,
    text: command.text,
    category: command.category,
    actor: command.actor,
    problemId: null,
    check: null,
    target: null,
    owner: null,
    repair: null,
    repairVersion: null,
    class: null,
    params: null,
    plan: null,
    hash: null,
    attempt: 0,
    shadow: false,
    decisions: [],
    evidenceIds: [],
    outcome: [],
    createdAt: at,
    updatedAt: at,
    expiresAt: null,
    finishedAt: at,
    watchUntil: null,
  };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** A ledger entry as one JSON line: everything that is needed to verify the chain elsewhere. */
const exported =
  (origin: string) =>
  (entry: ReturnType<AgentStore["ledger"]["read"]>[number]): Record<string, unknown> => ({
    origin,
    seq: entry.seq,
    ts: entry.ts,
    at: toIso(entry.ts),
    actor: entry.actor,
    kind: entry.kind,
    payload: entry.payload === null ? null : (JSON.parse(new TextDecoder().decode(entry.payload)) as unknown),
    salt: hex(entry.salt),
    payloadHash: hex(entry.payloadHash),
    prev: hex(entry.prev),
    hash: hex(entry.hash),
  });
