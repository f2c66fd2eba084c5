import { describe, expect, test } from "bun:test";
import { appendFileSync, chmodSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Effect } from "cortex";
import type { Approval } from "../domain/decide/approval.ts";
import { createHelperRig, DECIDED, HELPED_NODE, restartOf, type HelperRig } from "../testing/helper-rig.ts";
import { testFolder } from "../testing/test-folder.ts";
import { createTestMonitorKey } from "../testing/test-monitor-key.ts";

const MINUTE = 60_000;
const rigOf = (options: Parameters<typeof createHelperRig>[1] = {}) => createHelperRig(testFolder(), options);

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !isSo(); turn += 1) await Promise.resolve();
}

const db = restartOf("postgresql@15-main.service");

describe("the helper, asked by the agent", () => {
  test("restarts what a signed approval names, once, and writes it down before and after", async () => {
    const rig = rigOf();
    const work = rig.work(db);
    const approval = rig.approve(work);
    expect(await rig.ask(work, approval)).toMatchObject({ ok: true, data: { ok: true } });
    expect(rig.acts).toEqual(["restart postgresql@15-main.service"]);
    expect(rig.kinds()).toEqual(["opened", "began", "ended"]);
    expect(await rig.verdict(work, approval)).toBe("replayed");
    expect(rig.acts).toHaveLength(1);
  });

  test("does without an approval exactly what root's own file names, and nothing else", async () => {
    const rig = rigOf();
    expect(await rig.verdict(rig.work(restartOf("nginx.service")))).toBe("ok");
    expect(await rig.verdict(rig.work(restartOf("nginx.service", "start")))).toBe("no_approval");
    expect(await rig.verdict(rig.work(db))).toBe("no_approval");
    expect(rig.acts).toEqual(["restart nginx.service"]);
  });

  test("believes an approval that comes along even where it needs none", async () => {
    const rig = rigOf();
    const work = rig.work(restartOf("nginx.service"));
    expect(await rig.verdict(work, { ...rig.approve(work), hash: "cd".repeat(32) })).toBe("bad_signature");
    expect(rig.acts).toEqual([]);
  });

  test("a mount point is the unit that systemd makes of it", async () => {
    const rig = rigOf();
    const work = rig.work({ kind: "mount", verb: "mount", path: "/data/my disk" });
    expect(await rig.verdict(work, rig.approve(work))).toBe("ok");
    expect(rig.acts).toEqual(["start data-my\\x20disk.mount"]);
  });

  test("says what it may do", async () => {
    const rig = rigOf();
    const answer = JSON.parse(
      await rig.helper.answer(JSON.stringify({ v: 1, op: "status" }), { pid: 1, uid: 1000, gid: 1000 }),
    );
    expect(answer).toMatchObject({
      ok: true,
      data: { node: HELPED_NODE, verbs: ["unit", "reboot"], decided: { units: "any" } },
    });
    expect(answer.data.trusted[0].split(" ")).toHaveLength(8);
  });
});

describe("T26 T41 a compromised agent", () => {
  const changes: { [F in keyof Approval]: unknown } = {
    v: 2,
    type: "cortex.other",
    id: "0199f000-0000-7000-8000-00000000000c",
    intent: "0199f000-0000-7000-8000-00000000000c",
    node: `n_${"b".repeat(26)}`,
    hash: "cd".repeat(32),
    class: "R1",
    approvals: [{ kind: "human", principal: "user:2", method: "password", at: 1 }],
    reason: "rule_allows",
    notBefore: 1,
    expiresAt: 9_999_999_999_999,
    nonce: "B".repeat(22),
    maxRuns: 2,
    signer: "C".repeat(43),
    signature: "AAAA",
  };
  test.each(Object.entries(changes))(
    "T26 gains nothing by another %s in the approval",
    async (field, value) => {
      const rig = rigOf();
      const work = rig.work(db);
      expect(await rig.verdict(work, { ...rig.approve(work), [field]: value })).not.toBe("ok");
      expect(rig.acts).toEqual([]);
    },
  );

  test.each<[string, object]>([
    ["another repair", { repair: "unit.start" }],
    ["another version", { version: 2 }],
    ["other parameters", { params: { unit: "ssh.service" } }],
    ["another plan", { plan: { summary: "other", changes: [], effects: [restartOf("redis.service")] } }],
    [
      "another verb",
      {
        plan: {
          summary: "as it says",
          changes: [],
          effects: [restartOf("postgresql@15-main.service", "start")],
        },
      },
    ],
    ["another expiry", { expiresAt: 1 }],
    ["another class", { class: "R1" }],
  ])("T41 gains nothing by an approval of %s", async (_what, change) => {
    const rig = rigOf();
    const work = rig.work(db);
    expect(await rig.verdict({ ...work, ...change }, rig.approve(work))).toBe("hash_mismatch");
    expect(rig.acts).toEqual([]);
  });

  test("T24 gains nothing by a key that root does not trust, nor after root took one away", async () => {
    const rig = rigOf();
    const stranger = createTestMonitorKey();
    const work = rig.work(db);
    const own = rig.approve(work);
    const forged = stranger.approve(
      { id: work.intent, class: "R2", hash: own.hash } as never,
      HELPED_NODE,
      rig.clock.now(),
    );
    expect(await rig.verdict(work, forged)).toBe("unknown_signer");
    renameSync(join(rig.folder, "trust.d/monitor.key"), join(rig.folder, "trust.d/monitor.key.old"));
    expect(await rig.verdict(work, own)).toBe("unknown_signer");
    expect(rig.acts).toEqual([]);
  });

  test("T27 can't use an approval later, elsewhere, or one of the future", async () => {
    const rig = rigOf();
    const work = rig.work(db);
    const now = rig.clock.now();
    const other = rig.approve(work, { node: `n_${"b".repeat(26)}` });
    const future = rig.approve(work, { notBefore: now + 5 * MINUTE, expiresAt: now + 10 * MINUTE });
    const hour = rig.approve(work, { expiresAt: now + 60 * MINUTE });
    const fresh = rig.approve(work);
    expect(await rig.verdict(work, other)).toBe("wrong_node");
    expect(await rig.verdict(work, future)).toBe("not_yet_valid");
    expect(await rig.verdict(work, hour)).toBe("approval_expired");
    await rig.clock.advance(10 * MINUTE);
    expect(await rig.verdict(work, fresh)).toBe("approval_expired");
    expect(rig.acts).toEqual([]);
  });

  test("T28 can't use an approval twice, at once or after the helper began anew", async () => {
    const rig = rigOf();
    const work = rig.work(db);
    const approval = rig.approve(work);
    const verdicts = await Promise.all([1, 2, 3].map(() => rig.verdict(work, approval)));
    expect(verdicts.toSorted()).toEqual(["ok", "replayed", "replayed"]);
    const later = rig.again();
    expect(await later.verdict(work, approval)).toBe("replayed");
    expect(await later.verdict({ ...later.work(db), intent: work.intent }, null)).toBe("no_approval");
    expect([...rig.acts, ...later.acts]).toHaveLength(1);
  });

  test("T27 what waited longer for its turn than its asker waits for an answer is not done", async () => {
    const rig = rigOf();
    const done = Promise.withResolvers<void>();
    rig.hold = done.promise;
    const [first, second] = [rig.work(db), rig.work(restartOf("redis.service"))];
    const answers = [rig.verdict(first, rig.approve(first)), rig.verdict(second, rig.approve(second))];
    await rig.clock.advance(30_000);
    done.resolve();
    expect(await Promise.all(answers)).toEqual(["ok", "busy"]);
    expect(rig.acts).toEqual(["restart postgresql@15-main.service"]);
  });

  test("an act that was done is told as done, also when its end can't be written down", async () => {
    const rig = rigOf();
    const done = Promise.withResolvers<void>();
    rig.hold = done.promise;
    const work = rig.work(db);
    const answer = rig.ask(work, rig.approve(work));
    await until(() => rig.acts.length === 1);
    rig.breakJournal();
    done.resolve();
    expect(await answer).toMatchObject({ ok: true, data: { ok: true } });
  });

  test("T41 an act that the helper began and did not end is not done again", async () => {
    const rig = rigOf();
    const work = rig.work(db);
    const approval = rig.approve(work);
    await rig.ask(work, approval);
    // As after kill -9 between the two.
    const file = join(rig.folder, "journal");
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    writeFileSync(file, `${lines.slice(0, -1).join("\n")}\n${lines.at(-1)!.slice(0, 20)}`);
    const later = rig.again();
    expect(later.kinds()).toEqual(["opened", "began", "interrupted", "opened"]);
    expect(await later.verdict(work, approval)).toBe("replayed");
    expect(later.acts).toEqual([]);
  });

  test.each<[string, Effect]>([
    ["a pattern", restartOf("*.service")],
    ["a set", restartOf("[a-z]*.service")],
    ["an option", restartOf("--host=evil.service")],
    ["a template", restartOf("postgresql@.service")],
    ["a path", restartOf("../../tmp/evil.service")],
    ["a line end", restartOf("nginx.service\nssh.service")],
    ["a target", restartOf("reboot.target")],
    ["a reboot by its unit", restartOf("systemd-reboot.service", "start")],
    ["a root shell", restartOf("debug-shell.service", "start")],
    ["Cortex", restartOf("cortex.service")],
    ["the helper", restartOf("cortex-helper.service")],
    ["SSH", restartOf("ssh.service")],
    ["D-Bus", restartOf("dbus.service")],
    ["journald", restartOf("systemd-journald.service")],
    ["a stop", restartOf("postgresql@15-main.service", "stop")],
    ["an unmount", { kind: "mount", verb: "unmount", path: "/data" }],
    ["a mount by a detour", { kind: "mount", verb: "mount", path: "/data/../etc" }],
    ["a file", { kind: "write", file: "/etc/passwd" }],
    ["a command", { kind: "exec", argv: ["cat", "/etc/shadow"] }],
    ["a reboot", { kind: "host", verb: "reboot" }],
    ["a package", { kind: "package", verb: "install", name: "evil" }],
  ])("T43 T44 even a signed approval does not make the helper do %s", async (_what, effect) => {
    const rig = rigOf();
    const work = rig.work(effect);
    expect(await rig.verdict(work, rig.approve(work))).not.toBe("ok");
    expect(rig.acts).toEqual([]);
  });

  test("T41 one approval is one act: a plan of several is refused", async () => {
    const rig = rigOf();
    const plan = { summary: "both", changes: [], effects: [db, restartOf("redis.service")] };
    const work = rig.work(db, { plan });
    expect(await rig.verdict(work, rig.approve(work))).toBe("unknown_action");
    expect(rig.acts).toEqual([]);
  });

  test("T44 an alias is refused: it would be another unit than the one that was approved", async () => {
    const rig = rigOf();
    rig.units["syslog.service"] = { Id: "rsyslog.service" };
    rig.units["gone.service"] = { LoadState: "not-found" };
    rig.units["off.service"] = { UnitFileState: "masked-runtime" };
    for (const unit of ["syslog.service", "gone.service", "off.service"]) {
      const work = rig.work(restartOf(unit));
      expect(await rig.verdict(work, rig.approve(work))).toBe("precondition_unmet");
    }
    expect(rig.acts).toEqual([]);
  });

  test("T50 uses up a budget, and then even approved acts wait", async () => {
    const rig = rigOf({ policy: { ...DECIDED, budgets: { per_hour: 5, per_target_per_hour: 3 } } });
    const nginx = restartOf("nginx.service");
    const verdicts = [];
    for (let at = 0; at < 5; at += 1) verdicts.push(await rig.verdict(rig.work(nginx)));
    expect(verdicts).toEqual(["ok", "ok", "ok", "budget_used", "budget_used"]);
    for (const unit of ["a.service", "b.service", "c.service"]) {
      const work = rig.work(restartOf(unit));
      verdicts.push(await rig.verdict(work, rig.approve(work)));
    }
    expect(verdicts.slice(5)).toEqual(["ok", "ok", "budget_used"]);
    await rig.clock.advance(61 * MINUTE);
    expect(await rig.again().verdict(rig.work(nginx))).toBe("ok");
  });

  test("T50 floods it, and its journal stays small", async () => {
    const rig = rigOf();
    const verdicts: string[] = [];
    for (let at = 0; at < 1000; at += 1) verdicts.push(await rig.verdict(rig.work(db)));
    expect(new Set(verdicts)).toEqual(new Set(["no_approval", "busy"]));
    expect(rig.kinds().length).toBeLessThan(40);
    await rig.clock.advance(MINUTE);
    expect(await rig.verdict(rig.work(restartOf("nginx.service")))).toBe("ok");
  });

  test("T50 asked the wrong thing for months, its journal stays bounded, counts all of it, and forgets no approval", async () => {
    const fold = { most: 40, keptFirst: 4, keptLast: 10 };
    const rig = rigOf({ fold });
    const done = rig.work(db, { expiresAt: rig.clock.now() + 365 * 24 * 60 * MINUTE });
    expect(await rig.verdict(done, rig.approve(done))).toBe("ok");
    const began = rig.lines().find(({ kind }) => kind === "began")!;
    let asked = 0;
    for (let hour = 0; hour < 20; hour += 1) {
      for (let at = 0; at < 35; at += 1, asked += 1) await rig.verdict(rig.work(db));
      await rig.clock.advance(61 * MINUTE);
    }
    rig.helper.stop();
    const lines = rig.lines();
    expect(lines.length).toBeLessThan(45);
    const refused = lines.filter(({ kind }) => kind === "refused");
    const [folded, ...others] = lines.filter(({ kind }) => kind === "folded");
    expect(others).toEqual([]);
    const counted = refused.reduce((sum, { data }) => sum + 1 + Number(data["more"]), 0);
    expect(counted + Number(folded!.data["refused"])).toBe(asked);
    expect(lines.find(({ kind }) => kind === "began")).toMatchObject({ at: began.at, data: began.data });
    // Also for the one that is started on it.
    for (const later of [rig, rig.again({ fold })])
      expect(await later.verdict(done, rig.approve(done))).toBe("replayed");
    expect(rig.acts).toHaveLength(1);
  });

  test("T116 a clock that is set forward frees no budget, and one that is set back uses up none", async () => {
    const rig = rigOf({ policy: { ...DECIDED, budgets: { per_hour: 5, per_target_per_hour: 1 } } });
    const nginx = restartOf("nginx.service");
    expect(await rig.verdict(rig.work(nginx))).toBe("ok");
    let later = rig;
    for (const jump of [2 * 60 * MINUTE, -500 * 60 * MINUTE]) {
      later.clock.jump(jump);
      expect(await later.verdict(rig.work(nginx))).toBe("budget_used");
      later = later.again();
      expect(await later.verdict(rig.work(nginx))).toBe("budget_used");
    }
    await later.clock.advance(61 * MINUTE);
    expect(await later.verdict(rig.work(nginx))).toBe("ok");
  });

  test.each([
    "",
    "nonsense",
    "[]",
    '{"v":2,"op":"status"}',
    '{"v":1,"op":"run","argv":["id"]}',
    '{"v":1,"op":"status","x":1}',
  ])("T42 is not understood when it says %s", async (line) => {
    const rig = rigOf();
    expect(await rig.helper.answer(line, { pid: 1, uid: 1000, gid: 1000 })).toContain("malformed_request");
    expect(rig.acts).toEqual([]);
  });

  test("T41 the processes of every other user are turned away, and root only looks", async () => {
    const rig = rigOf();
    const may = (uid: number) => rig.helper.admits({ pid: 1, uid, gid: uid });
    expect([0, 999, 1000, 1001, 65_534].filter(may)).toEqual([0, 1000]);
    const answer = await rig.ask(rig.work(restartOf("nginx.service")), null, { pid: 1, uid: 0, gid: 0 });
    expect(answer).toMatchObject({ ok: false, code: "helper.wrong_user" });
    expect(rig.acts).toEqual([]);
  });
});

describe("T41 root's own files", () => {
  test.each<[string, (rig: HelperRig) => void]>([
    ["a policy that others can write", (rig) => chmodSync(join(rig.folder, "helper.yaml"), 0o666)],
    ["a folder that others can write", (rig) => chmodSync(rig.folder, 0o777)],
    ["a key that others can write", (rig) => chmodSync(join(rig.folder, "trust.d/monitor.key"), 0o646)],
    ["a policy with an unknown key", (rig) => rig.writePolicy({ ...DECIDED, anything: true })],
    [
      "a policy with a pattern",
      (rig) => rig.writePolicy({ ...DECIDED, alone: { units: { "*.service": ["restart"] } } }),
    ],
    ["a policy of another node", (rig) => rig.writePolicy({ ...DECIDED, node: `n_${"b".repeat(26)}` })],
    ["a key that is none", (rig) => writeFileSync(join(rig.folder, "trust.d/other.key"), "AAAA\n")],
    [
      "a policy that is a symbolic link",
      ({ folder }) => {
        renameSync(join(folder, "helper.yaml"), join(folder, "real.yaml"));
        symlinkSync(join(folder, "real.yaml"), join(folder, "helper.yaml"));
      },
    ],
  ])("with %s nothing is done", async (_what, spoil) => {
    const rig = rigOf();
    const work = rig.work(db);
    const approval = rig.approve(work);
    spoil(rig);
    expect(await rig.verdict(work, approval)).toBeOneOf(["unable", "wrong_node"]);
    expect(rig.acts).toEqual([]);
  });

  test("a policy without a word about units allows nothing, whatever was approved", async () => {
    const rig = rigOf({ policy: { version: 1, node: HELPED_NODE, user: "tester" } });
    const work = rig.work(db);
    expect(await rig.verdict(work, rig.approve(work))).toBe("local_policy");
    expect(rig.acts).toEqual([]);
  });

  test("a unit that guards the machine is restarted only where its administrator names it", async () => {
    const named = { ...DECIDED, decided: { units: { "ssh.service": ["restart"] } } };
    const rig = rigOf({ policy: named });
    const work = rig.work(restartOf("ssh.service"));
    expect(await rig.verdict(work, rig.approve(work))).toBe("ok");
  });

  test("T41 a reboot wants root's word in the policy, a person's word, and is done once a day", async () => {
    const reboot: Effect = { kind: "host", verb: "reboot" };
    const closed = rigOf();
    const early = closed.work(reboot, { class: "R3" });
    expect(await closed.verdict(early, closed.approve(early))).toBe("local_policy");
    const rig = rigOf({ policy: { ...DECIDED, decided: { reboot: true } } });
    const work = () => rig.work(reboot, { class: "R3" });
    const rule = [{ kind: "policy" as const, principal: "rule:a", method: "policy 1", at: 1 }];
    const [byRule, asRestart, first, second] = [work(), rig.work(reboot), work(), work()];
    expect(await rig.verdict(byRule, rig.approve(byRule, { approvals: rule }))).toBe("approver_insufficient");
    expect(await rig.verdict(asRestart, rig.approve(asRestart, { approvals: rule }))).toBe(
      "approver_insufficient",
    );
    expect(await rig.verdict(first, null)).toBe("no_approval");
    expect(rig.acts).toEqual([]);
    expect(await rig.verdict(first, rig.approve(first))).toBe("ok");
    expect(await rig.verdict(second, rig.approve(second))).toBe("budget_used");
    expect(rig.acts).toEqual(["reboot --no-ask-password"]);
  });

  test("R-classes are the helper's own: what is an R2 needs no person, and nothing less is taken for one", async () => {
    const rig = rigOf();
    const work = rig.work(db);
    const approvals = [{ kind: "policy" as const, principal: "rule:a", method: "policy 1", at: 1 }];
    expect(await rig.verdict(work, rig.approve(work, { approvals }))).toBe("ok");
  });

  test("a journal in which a line was changed stops the helper at its start", async () => {
    const rig = rigOf();
    await rig.ask(rig.work(restartOf("nginx.service")));
    const file = join(rig.folder, "journal");
    writeFileSync(file, readFileSync(file, "utf8").replace("nginx", "redis"));
    expect(() => rig.again()).toThrow(/changed at line 2/);
    appendFileSync(file, "x\n");
    expect(() => rig.again()).toThrow(/move the file away/);
  });
});
