import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "cortex";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createFakeActs, createFakeStore } from "../../core/testing/fake-ports.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestProblem, createTestRun, repairContract } from "../../core/testing/repair.contract.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import { createCopies, isPlainText, sha256Of } from "./copies.ts";
import plugin from "./index.ts";
import { differenceOf } from "./lines.ts";
import { redactLine } from "./redact.ts";

const FILE = "/etc/shop.conf";
const CONFIG = { file: FILE, test: ["/usr/bin/shop", "--check", "{file}"], owner: "process:shop" };
const GOOD = "listen 80\nname shop\n";
const BAD = "lisen 80\nname shop\n";

function hostWith(text: string): string {
  const root = testFolder();
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, FILE), text);
  return root;
}

const passing = { [`shop --check ${FILE}`]: {} };
const failing = {
  [`shop --check ${FILE}`]: { exitCode: 1, stderr: "fatal: unknown word lisen, token=abc-123 in line 1\n" },
};
const problem = createTestProblem({ type: "config.broken", target: FILE, owner: "process:shop" });

/** A store with one good copy, and the host after somebody broke the file. */
async function broken({ store = createFakeStore(), text = BAD, config = {} } = {}) {
  createCopies(store, 5).put(await sha256Of(GOOD), GOOD, Date.UTC(2026, 10, 26));
  const root = hostWith(text);
  const acts = createFakeActs();
  const ctx = createTestContext({ plugin, root, exec: failing, acts, store });
  const { checks, repairs } = plugin.setup(ctx, plugin.config.parse({ ...CONFIG, ...config }));
  const run = createTestRun(ctx);
  const params = await repairs![0]!.resolve(problem, run);
  return { ctx, check: checks![0]!, repair: repairs![0]!, run, acts, params, root, store };
}

pluginContract(plugin, CONFIG);
checkContract(plugin, CONFIG);
const kept = createFakeStore();
createCopies(kept, 5).put(await sha256Of(GOOD), GOOD, Date.UTC(2026, 10, 26));
repairContract(plugin, {
  config: CONFIG,
  cases: [
    {
      repair: "config.restore",
      problem,
      context: () => ({ root: hostWith(BAD), store: kept, exec: failing }),
    },
  ],
});

test("what passes its test is kept, once for each text and no more than asked for", async () => {
  const store = createFakeStore();
  const root = hostWith(GOOD);
  const look = async (text: string) => {
    writeFileSync(join(root, FILE), text);
    const ctx = createTestContext({ plugin, root, exec: passing, store });
    const { checks } = plugin.setup(ctx, plugin.config.parse({ ...CONFIG, keep: 2 }));
    return ((await runCheck(checks![0]!, ctx))[0] as Result).summary;
  };
  expect(await look(GOOD)).toBe(`${FILE} passes its test; a copy is kept`);
  expect(await look(GOOD)).toBe(`${FILE} passes its test; a copy is kept`);
  for (const name of ["a", "b", "c"]) expect(await look(GOOD + name)).toContain("2 copies are kept");
  const copies = createCopies(store, 2);
  expect(copies.list().map(copies.read)).toEqual([{ text: `${GOOD}b` }, { text: `${GOOD}c` }]);
  expect([store.keys().length, store.sealed.keys().length]).toEqual([1, 2]);
  expect(await look("\0\x01")).toContain("no copy is kept");
});

test("a long text is kept whole, and a copy that lost a part is none", async () => {
  const store = createFakeStore();
  const copies = createCopies(store, 5);
  const text = "ä line of text\n".repeat(10_000);
  copies.put(await sha256Of(text), text, 1);
  const [copy] = copies.list();
  expect(copies.read(copy!)).toEqual({ text });
  store.sealed.delete(store.sealed.keys().find((key) => key.endsWith(":3"))!);
  expect(copies.read(copy!)).toEqual({ why: "a part of it is gone" });
  expect(isPlainText("a\tb\r\n")).toBe(true);
});

test("a file that fails is critical in the name of its owner, and the words of the test lose their secrets", async () => {
  const { check, ctx } = await broken();
  expect((await runCheck(check, ctx))[0]).toMatchObject({
    target: FILE,
    owner: "process:shop",
    status: "critical",
    summary: expect.stringContaining("fails its test: fatal: unknown word lisen, token=[redacted]"),
  });
});

test("the plan is a difference, the act is bound to both texts, and the candidate is tested first", async () => {
  const { repair, run, params, acts } = await broken();
  const [from, to] = [await sha256Of(BAD), await sha256Of(GOOD)];
  expect(params).toEqual({ file: FILE, from, to });
  const plan = await repair.plan(params, run);
  expect(plan.changes.slice(1)).toEqual([
    { what: "line 1", from: "lisen 80" },
    { what: "line 1", to: "listen 80" },
  ]);
  expect(plan.effects).toEqual([{ kind: "write", file: FILE }]);
  expect(await repair.configTest!(params, run)).toMatchObject({ ok: true });
  await repair.apply(params, plan, run);
  const act = { verb: "replace_file", path: FILE, expect: from, text: GOOD, test: CONFIG.test } as const;
  expect(acts.acts).toEqual([
    { ...act, dry: true },
    { ...act, dry: false },
  ]);
});

test("what was there before can be had again", async () => {
  const { repair, run, params, acts } = await broken();
  const plan = await repair.plan(params, run);
  await repair.apply(params, plan, run);
  if (typeof repair.undo === "string") throw new Error("there is an undo");
  await repair.undo(params, plan, run);
  expect(acts.acts.at(-1)).toMatchObject({ expect: await sha256Of(GOOD), text: BAD, test: null });
});

test("what somebody wrote right before the act is not taken for what was there, then or later", async () => {
  const { repair, run, params, acts, root } = await broken();
  const plan = await repair.plan(params, run);
  writeFileSync(join(root, FILE), "# at work\n");
  expect(await repair.apply(params, plan, run)).toMatchObject({ ok: false });
  expect(acts.acts).toEqual([]);
  writeFileSync(join(root, FILE), BAD);
  await repair.apply(params, plan, run);
  if (typeof repair.undo === "string") throw new Error("there is an undo");
  await repair.undo(params, plan, run);
  expect(acts.acts.at(-1)).toMatchObject({ text: BAD });
});

test("what somebody changes meanwhile is another plan", async () => {
  const { repair, run, params, root } = await broken();
  const before = await repair.plan(params, run);
  writeFileSync(join(root, FILE), "# at work\n");
  expect(await repair.plan(params, run)).not.toEqual(before);
  expect((await repair.preconditions!(params, run)).find(({ ok }) => !ok)?.detail).toBe(
    `${FILE} was changed meanwhile`,
  );
  expect(await repair.probe!(params, run)).toBe("unknown");
});

test("without a good copy nothing is proposed", async () => {
  const ctx = createTestContext({ plugin, root: hostWith(BAD), exec: failing });
  const [repair] = plugin.setup(ctx, plugin.config.parse(CONFIG)).repairs!;
  expect(await repair!.resolve(problem, createTestRun(ctx))).toBeNull();
});

test("T52 no secret of a configuration file is in plan or evidence", async () => {
  const secret = "s3cr3t-Value-0815-xyz";
  const lines = [
    `db_password = "${secret}"`,
    `proxy_set_header X-Api-Token ${secret};`,
    `url = postgres://shop:${secret}@db/shop`,
    `AWS_SECRET_ACCESS_KEY=${secret}`,
    `random_word ${secret}7Qw`,
  ];
  for (const line of lines) expect(redactLine(line)).not.toContain(secret);
  const { repair, run, params } = await broken({ text: `${BAD}${lines.join("\n")}\n` });
  const plan = await repair.plan(params, run);
  expect(JSON.stringify([plan, await repair.evidence!(params, run)])).not.toContain(secret);
  const quiet = await broken({ config: { show_lines: false } });
  expect((await quiet.repair.plan(quiet.params, quiet.run)).changes).toHaveLength(1);
});

test("T52 no line of a private key is readable, whatever slashes are in it", () => {
  const lines = [
    "MIIEowIBAAKCAQEA7f/3kq2+1l/9k3Zb/u0Q+aB7c/Dd9/xY1z/Kq8Jh/2LmN4p",
    "  aB3/dE6+gH9/jK2lM5/nO8pQ1rS4/tU7vW0xY3zA6+bC9/dE2fG5hI8=",
  ];
  const parts = (text: string) => text.split(/[^A-Za-z0-9]+/).filter((part) => part.length > 3);
  for (const line of lines)
    for (const part of parts(line)) expect(parts(redactLine(line))).not.toContain(part);
});

test("ordinary lines and paths stay readable", () => {
  for (const line of [
    "  listen 443 ssl http2;",
    "ssl_password_file /etc/ssl/private/pass;",
    "server_name a-rather-long-host-name.example.org;",
    "log_format main '$remote_addr - $remote_user [$time_local]';",
  ])
    expect(redactLine(line)).toBe(line);
});

test("a long difference is cut, and says by how much", () => {
  const text = (word: string) => Array.from({ length: 100 }, (_, index) => `${word} ${index}`).join("\n");
  const { added, removed, changes } = differenceOf(text("old"), text("new"), true);
  expect([added, removed, changes.length, changes.at(-1)?.what]).toEqual([100, 100, 61, "140 more lines"]);
});
