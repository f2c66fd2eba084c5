import { expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../../../core/testing/test-folder.ts";

const dir = testFolder();
const config = join(dir, "cortex.yaml");
writeFileSync(config, `secrets: { key_file: ${join(dir, "kek")} }\n`, { mode: 0o600 });

const cortex = (input: string, ...args: string[]) => cortexOn(join(dir, "data"), input, ...args);

async function cortexOn(data: string, input: string, ...args: string[]) {
  const main = join(import.meta.dir, "../../main.ts");
  const child = Bun.spawn([process.execPath, main, ...args, "--data-dir", data, "--config", config], {
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

test("roles of users and keys are not taken for the role of the program", async () => {
  const scopes = ["--role", "operator", "--scope", "group:web", "--role", "viewer"];
  const user = await cortex(
    "a long pass phrase of bob\n",
    "user",
    "create",
    "bob",
    ...scopes,
    "--password-stdin",
  );
  expect([user.err, user.code]).toEqual([
    "warning: no node is in group:web now; a role there holds as soon as one is\n",
    0,
  ]);
  const key = await cortex("", "key", "create", "ci", "--role", "viewer");
  expect([key.err, key.code]).toEqual(["", 0]);
  const { out } = await cortex("", "user", "list", "--json");
  expect(JSON.parse(out)).toMatchObject([
    {
      name: "bob",
      role: "operator",
      grants: [
        { role: "operator", scope: "group:web" },
        { role: "viewer", scope: "*" },
      ],
    },
  ]);
}, 30_000);

test("the list of keys says from where a key is good", async () => {
  const key = await cortex("", "key", "create", "far", "--role", "viewer", "--from", "10.0.0.0/8");
  expect([key.err, key.code]).toEqual(["", 0]);
  expect((await cortex("", "key", "list")).out).toMatch(/far +viewer +10\.0\.0\.0\/8 /);
}, 30_000);

test("the usage of a command names each word once", async () => {
  expect((await cortex("", "user", "create", "--help")).out).toContain("cortex user create");
  expect((await cortex("", "user", "create", "--help")).out).not.toContain("user user");
});

test("a token that would live too long is refused in words of the command line", async () => {
  const { code, err } = await cortex("", "token", "create", "--ttl", "48h");
  expect([code, err]).toEqual([64, "cortex: --ttl 48h: a token lives between 1m and 24h\n"]);
});

test("nodes of one state are listed, revoked ones too", async () => {
  expect((await cortex("", "nodes", "list", "--state", "revoked")).out).toBe("Nothing fits.\n");
  const { code, err } = await cortex("", "nodes", "list", "--state", "lost");
  expect([code, err.includes("revoked")]).toEqual([64, true]);
}, 30_000);

test("a command that reads makes nothing where no Cortex is, and gives no all-clear there", async () => {
  for (const words of [["problems"], ["intents"], ["nodes"], ["switch", "off", "--reason", "drill"]]) {
    const { code, out, err } = await cortexOn(join(dir, "elsewhere"), "", ...words);
    expect([code, out]).toEqual([69, ""]);
    expect(err).toContain(`no Cortex in ${join(dir, "elsewhere")}`);
  }
  expect(existsSync(join(dir, "elsewhere"))).toBe(false);
}, 30_000);

test("what is read while Cortex is stopped says so, and of when it is", async () => {
  expect((await cortex("", "key", "create", "reader", "--role", "viewer")).code).toBe(0);
  const { code, err } = await cortex("", "problems");
  expect(code).toBe(0);
  expect(err).toMatch(/^cortex: not running on .+; as of \d\d-\d\d \d\d:\d\d:\d\d\n$/);
}, 30_000);

test("help that goes into a file has no colours, and options without a command are told which there are", async () => {
  expect((await cortex("", "--help")).out).not.toContain("\x1b");
  expect((await cortex("", "secrets")).err).toContain("rotate");
}, 30_000);

test("the master switch alone says how it stands", async () => {
  const { code, out } = await cortex("", "switch");
  expect([code, out]).toEqual([0, "No node has said yet whether its repairs are on.\n"]);
}, 30_000);

test("repairs are not switched off without a reason", async () => {
  const off = await cortex("", "switch", "off");
  expect([off.code, off.err]).toEqual([64, expect.stringContaining("reason")]);
}, 30_000);
