import { expect, test } from "bun:test";
import { sampleIntent, sampleProblem } from "../../../core/testing/wire-samples.ts";
import { statusText } from "../status-text.ts";
import { activeOf, exitCodeOf, type StatusAnswer, waitingOf } from "./status.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");
const calm: StatusAnswer = {
  running: true,
  pid: 4711,
  role: "Monitor",
  version: "1.2.3",
  startedAt: "2026-11-22T09:00:00Z",
  monitor: null,
  nodes: { online: 2, late: 0, offline: 1 },
  switch: "on",
  needsYou: { decisions: [], problems: [], unclear: [], unconfirmed: 0, silent: [], pendingNodes: 0 },
  repairing: [],
  openProblems: 0,
  lastRepair: null,
  maintenance: [],
  toStart: null,
};
const decision = {
  id: "0198-aaaa-11112222",
  summary: "Restart db",
  node: "vm",
  expiresAt: "2026-11-22T10:12:00Z",
};
const waiting = { ...calm, needsYou: { ...calm.needsYou, decisions: [decision] } };

test("one screen says whether it runs, which nodes there are, and that nobody is needed", () => {
  const text = statusText(calm, NOW);
  expect(text).toContain("running as Monitor 1.2.3, since");
  expect(text).toContain("pid 4711");
  expect(text).toMatch(/Nodes +2 online, 1 offline/);
  expect(text).toMatch(/Last repair +none yet/);
  expect(text).toMatch(/Needs you +nothing/);
  expect(exitCodeOf(calm)).toBe(0);
});

test("what waits for a person is named with the time that is left, and is exit code 1", () => {
  expect(statusText(waiting, NOW)).toMatch(
    /Needs you +decide by .* \(in 12m\): Restart db on vm {2}11112222/,
  );
  expect(exitCodeOf(waiting)).toBe(1);
});

test("what is being confirmed is told and calls nobody yet", () => {
  const young = { ...calm, needsYou: { ...calm.needsYou, unconfirmed: 1 } };
  expect(statusText(young, NOW)).toContain("1 critical result being confirmed");
  expect(exitCodeOf(young)).toBe(0);
});

test("a Cortex that does not run is no all-clear, whatever it wrote down before", () => {
  const toStart = "start it with `cortex up --config /srv/cortex.yaml`";
  const stopped = { ...calm, running: false, startedAt: null, version: null, pid: null, toStart };
  expect(statusText(stopped, NOW)).toContain(`it does not run on this folder; ${toStart}`);
  expect(statusText(stopped, NOW)).toContain("nothing that was written down");
  expect(statusText(stopped, NOW)).toContain("2 online, 1 offline, as last heard");
  expect(exitCodeOf(stopped)).toBe(69);
});

test("a long list ends with where the rest is", () => {
  const many = { ...calm, needsYou: { ...calm.needsYou, decisions: Array(9).fill(decision) } };
  expect(statusText(many, NOW)).toContain("and 4 more: cortex decisions, cortex problems");
});

const on = { node: "n", nodeName: "vm" };
const problem = { ...sampleProblem(0, { level: "L3", severity: "critical" }), ...on };
const about = (state: "executing" | "verifying" | "verified" | "proposed") => ({
  ...sampleIntent(1, { problemId: problem.id, state }),
  ...on,
});

test("a critical problem whose repair runs or is being verified calls nobody, and the repair has a line of its own", () => {
  expect(waitingOf([problem], [about("executing")], [])).toEqual([]);
  expect(waitingOf([problem], [about("verifying")], [])).toEqual([]);
  const verifying = {
    ...calm,
    repairing: [{ id: "1", state: "verifying", summary: "start demo", node: "vm" }],
  };
  const text = statusText(verifying, NOW);
  expect(text).toMatch(/Needs you +nothing/);
  expect(text).toMatch(/Repairing +1 repair is being verified: start demo on vm/);
  expect(exitCodeOf(verifying)).toBe(0);
});

test("a critical problem that nobody works on waits for a person, also when Cortex stopped in the middle of its repair", () => {
  expect(waitingOf([problem], [], [])).toEqual([problem]);
  expect(waitingOf([problem], [about("verified")], [])).toEqual([problem]);
  expect(waitingOf([problem], [about("verifying")], [], false)).toEqual([problem]);
});

test("what waits says what to do: what holds the repair back, else where to read more", () => {
  const waits = { id: "0198-aaaa-33334444", severity: "critical", summary: "demo is down", node: "vm" };
  const text = (hold: string | null) =>
    statusText(
      {
        ...calm,
        needsYou: { ...calm.needsYou, problems: [{ ...waits, since: "2026-11-22T09:00:00Z", hold }] },
      },
      NOW,
    );
  expect(text('correct "start" of demo')).toMatch(/demo is down on vm .*\n +→ correct "start" of demo/);
  expect(text(null)).toMatch(/\n +→ cortex problems 33334444/);
});

test("a repair of which nobody knows how it ended waits for a person", () => {
  const unclear = [
    { id: "0198-aaaa-55556666", summary: "start demo", node: "vm", since: "2026-11-22T09:00:00Z" },
  ];
  const lost = { ...calm, needsYou: { ...calm.needsYou, unclear } };
  expect(statusText(lost, NOW)).toContain("cortex intents show 55556666");
  expect(exitCodeOf(lost)).toBe(1);
});

const silentNode = (state: string, name: string) => ({
  id: `n_${name}`,
  name,
  state,
  since: "2026-11-22T09:00:00Z",
});
const silence = (...silent: ReturnType<typeof silentNode>[]) => ({
  ...calm,
  needsYou: { ...calm.needsYou, silent },
});

test("a node that is not heard waits for a person, and is named with when it was heard last", () => {
  const text = statusText(silence(silentNode("offline", "web-1")), NOW);
  expect(text).toMatch(/Needs you +offline: web-1, last heard 11-22 .*\n +→ cortex nodes show web-1/);
  expect(exitCodeOf(silence(silentNode("late", "web-1")))).toBe(1);
});

test("many silent nodes are one line: they most likely have one cause", () => {
  const many = ["a", "b", "c", "d"].map((name) => silentNode("offline", name));
  const text = statusText(silence(...many, silentNode("late", "e")), NOW);
  expect(text).toMatch(/Needs you +offline: 4 nodes, a, b, …\n +→ cortex nodes list --state offline/);
  expect(text).toMatch(/late: e, last heard/);
});

test("maintenance of now is one line, that of later or before is none", () => {
  const window = {
    id: "0198-aaaa-22223333",
    node: "n1",
    nodeName: "web-1",
    check: "*",
    target: "*",
    from: "2026-11-22T09:00:00Z",
    until: "2026-11-22T11:00:00Z",
    reason: "disk swap",
    actor: "anna",
  };
  const of = (...windows: (typeof window)[]) =>
    statusText({ ...calm, maintenance: activeOf(windows, NOW) }, NOW);
  expect(of(window)).toMatch(/Maintenance +no repairs on web-1 until .*: disk swap$/m);
  expect(of({ ...window, check: "cpu", target: "vm" })).toContain("no repairs for cpu vm on web-1 until");
  expect(of(window, { ...window, id: "b" })).toContain("disk swap; and 1 more: cortex maintenance");
  expect(of({ ...window, from: "2026-11-22T10:30:00Z" })).not.toContain("Maintenance");
  expect(of({ ...window, until: "2026-11-22T09:30:00Z" })).not.toContain("Maintenance");
});
