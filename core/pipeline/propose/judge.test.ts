import { expect, test } from "bun:test";
import { defineRepair, type Plan } from "cortex";
import * as z from "zod";
import { configSchema } from "../../config/schema.ts";
import { createRegistry, type Origin } from "../../host/registry.ts";
import { createAgentStore } from "../../store/agent/create-agent-store.ts";
import { createTestContext } from "../../testing/context.ts";
import { createJudge } from "./judge.ts";
import { createLaws } from "./laws.ts";
import { openedProblem } from "../watch/problem-record.ts";

const restart = defineRepair({
  name: "unit.restart",
  version: 1,
  summary: "Restart.",
  class: "R2",
  remedies: ["service.down"],
  params: z.unknown(),
  resolve: () => ({}),
  plan: async () => ({ summary: "restart", changes: [] }),
  apply: async () => ({ ok: true, summary: "done" }),
  undo: "none",
});

const RESTART: Plan["effects"] = [{ kind: "service", verb: "restart", name: "sshd.service" }];

function modeFor(origin: Origin, effects: Plan["effects"] = RESTART): string {
  const registry = createRegistry();
  const host = { id: "default", enabled: true };
  const check = {
    name: "c",
    summary: "c",
    type: "service.down",
    nature: "fact",
    intervalMs: 1000,
    confirmMs: 0,
  } as const;
  registry.add(
    { plugin: "p", instance: "default", origin, host },
    { checks: [{ ...check, run: async () => [] }] },
  );
  const { node } = createTestContext({ plugin: "p" });
  const config = configSchema.parse({});
  const store = createAgentStore(":memory:", {
    origin: "n",
    sign: () => "",
    verify: () => true,
    now: () => 0,
  });
  const problem = openedProblem(
    {
      id: "1",
      fingerprint: "f",
      check: "c",
      instance: "default",
      nature: "fact",
      type: "service.down",
      severity: "critical",
      flapping: false,
      guards: { attemptsUsed: 0, attemptsMax: 3 } as never,
    },
    { target: "sshd", status: "critical", summary: "down", owner: "unit:sshd.service" },
    0,
  );
  const mark = () => ({ wall: 0, mono: 0, bootId: "b" });
  const judge = createJudge({
    store,
    registry,
    node,
    mark,
    config: () => config,
    problems: {} as never,
    standing: { of: () => null },
    laws: createLaws({ config: () => config }),
  });
  const plan: Plan = { summary: "", changes: [], ...(effects && { effects }) };
  const registered = {
    plugin: "systemd",
    instance: "default",
    origin: "built-in" as const,
    host,
    repair: restart,
  };
  return judge.level(problem, { registered, params: {}, plan }, false).mode;
}

test("what a user's check finds is repaired by built-ins only after a decision, whatever owner it names", () => {
  expect(modeFor("built-in")).toBe("act");
  expect(modeFor("user")).toBe("ask");
});

test("a repair that does not say what it does to the world asks a person, whatever autonomy it has", () => {
  expect(modeFor("built-in", [])).toBe("ask");
});
