import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startSession } from "../core/host/user/session.ts";
import { type CageKind, findCage } from "../core/ports/user-plugins/cage.ts";
import { createSystemClock } from "../core/ports/clock.ts";
import { createExec } from "../core/ports/processes/exec.ts";
import { until } from "../core/testing/real-host.ts";
import { diskFolder } from "../core/testing/test-folder.ts";

const exec = createExec();
const tree = resolve(import.meta.dir, "..");
const folder = diskFolder();
const secret = join(folder, "key");
let server: ReturnType<typeof Bun.serve>;
beforeAll(() => {
  writeFileSync(secret, "the key", { mode: 0o600 });
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("reached") });
});
afterAll(() => server.stop(true));

/** `kind` is what is wanted: without bubblewrap, Landlock must do. */
const cageOf = (kind: CageKind) =>
  findCage({
    exec: { ...exec, which: (name) => (name === "bwrap" && kind !== "bubblewrap" ? null : exec.which(name)) },
    childArgv: [process.execPath, join(tree, "agent/main.ts"), "plugin-host"],
    readable: [process.execPath, tree],
    isRoot: process.getuid?.() === 0,
    hidden: [folder],
  });

/** A plugin that tries all this by itself, past its ports, and tells what came of it. */
const ATTACKS = {
  readsTheKey: `require("node:fs").readFileSync(${JSON.stringify(secret)}, "utf8")`,
  readsAccounts: `require("node:fs").readFileSync("/etc/passwd", "utf8")`,
  writesAFile: `require("node:fs").writeFileSync(${JSON.stringify(`${secret}-planted`)}, "x")`,
  connects: `(await fetch("http://127.0.0.1:PORT/")).status`,
  connectsRaw: `await Bun.connect({ hostname: "127.0.0.1", port: PORT, socket: { data() {} } })`,
  startsAProgram: `Bun.spawnSync(["/bin/true"]).exitCode`,
  startsItself: `Bun.spawnSync([process.execPath]).exitCode`,
  signalsTheDaemon: `process.kill(PARENT, 0)`,
  readsTheDaemon: `require("node:fs").readFileSync("/proc/PARENT/environ", "utf8")`,
  forks: `call(57, 0, 0)`,
  opensASocket: `call(41, 1, 1)`,
  traces: `call(101, 16, PARENT)`,
  newNamespace: `call(272, 0x10000000, 0)`,
};

const source = () => `
  import { definePlugin } from "cortex";
  import { dlopen, read } from "bun:ffi";
  import * as z from "zod";
  const w = "i64_fast";
  const libc = dlopen("libc.so.6", { syscall: { args: [w, w, w], returns: w }, __errno_location: { args: [], returns: "ptr" } }).symbols;
  const call = (...args) => {
    if (process.arch !== "x64") throw new Error("EPERM elsewhere");
    const result = Number(libc.syscall(...args));
    if (result < 0) throw Object.assign(new Error("refused"), { code: read.i32(libc.__errno_location(), 0) });
    return result;
  };
  const attempts = {
    ${Object.entries(ATTACKS)
      .map(([name, code]) => `${name}: async () => ${code}`)
      .join(",\n")
      .replaceAll("PORT", String(server.port))
      .replaceAll("PARENT", String(process.pid))}
  };
  export default definePlugin({
    name: "attacker", version: "1.0.0", sdk: 1, summary: "", modes: ["agent"], capabilities: [], config: z.strictObject({}),
    setup: () => ({ checks: [{
      name: "attack", summary: "", type: "x.bad", nature: "fact", intervalMs: 1000, confirmMs: 0,
      async run() {
        const results = [];
        for (const [target, attempt] of Object.entries(attempts))
          results.push(await attempt().then(
            (value) => ({ target, status: "critical", summary: "it could: " + String(value).slice(0, 50) }),
            (error) => ({ target, status: "ok", summary: String(error.code ?? error.message) })));
        return results;
      } }, {
      name: "hoard", summary: "", type: "x.bad", nature: "fact", intervalMs: 1000, confirmMs: 0,
      async run() { const all = []; for (;;) { all.push(Buffer.alloc(16e6, 1)); await Bun.sleep(1); } } }] }),
  });`;

async function started(kind: CageKind, memoryBytes = 2 ** 30) {
  const cage = await cageOf(kind);
  const told = { tooLarge: 0 };
  const session = startSession({
    argv: cage.argv,
    clock: createSystemClock(),
    memoryBytes,
    onEvent() {},
    onAsk: async () => null,
    onStderr() {},
    onHang() {},
    onTooLarge(bytes) {
      told.tooLarge = bytes;
      session.kill();
    },
    onTooMany() {},
  });
  const files = { folder: "/plugins/attacker", entry: "index.ts", files: { "index.ts": source() } };
  await session.call("describe", files, 10_000);
  const node = {
    id: "n",
    name: "n",
    labels: {},
    group: null,
    tags: [],
    bootId: "b",
    bootedAt: 0,
    cpuCount: 1,
  };
  const setup = { instance: "default", config: {}, values: {}, sealed: {}, programs: {} };
  await session.call("setup", { ...setup, node: { ...node, isRoot: false, tickMs: 10 } }, 10_000);
  return { cage, session, told };
}

const kinds = (["bubblewrap", "landlock"] as const).filter(
  (kind) => kind !== "bubblewrap" || exec.which("bwrap") !== null,
);

describe.each(kinds)("a plugin in the cage %s", (kind) => {
  test(`T100 in the cage ${kind}, whatever a plugin tries past its ports is refused`, async () => {
    const { cage, session } = await started(kind);
    // A kernel without Landlock has the weaker cage, and says so.
    if (cage.kind !== kind)
      return expect(cage.label).toContain(kind === "landlock" ? "seccomp" : "does not work");
    const check = { instance: "default", check: "attack", previous: {}, oneShot: false };
    const results = (await session.call("check", check, 10_000)) as { target: string; status: string }[];
    session.kill();
    await session.ended;
    expect(results.filter((one) => one.status !== "ok")).toEqual([]);
    expect(results).toHaveLength(Object.keys(ATTACKS).length);
  }, 30_000);

  test(`T101 in the cage ${kind}, one that takes all memory is stopped before it hurts`, async () => {
    const { session, told } = await started(kind, 200e6);
    const check = { instance: "default", check: "hoard", previous: {}, oneShot: false };
    const call = session.call("check", check, 30_000).catch((error: { code: string }) => error.code);
    expect(await call).toBe("plugin.ended");
    expect(told.tooLarge).toBeGreaterThan(200e6);
    expect(told.tooLarge).toBeLessThan(2e9);
  }, 30_000);
});

test.if(exec.which("bwrap") !== null)("the cage works for a program that lies below /tmp", async () => {
  const below = mkdtempSync("/tmp/cortex-cage-");
  onTestFinished(() => rmSync(below, { recursive: true, force: true }));
  const program = join(below, "bun");
  symlinkSync(process.execPath, program);
  const { label } = await findCage({
    exec,
    childArgv: [program, join(tree, "agent/main.ts"), "plugin-host"],
    readable: [program, tree],
    isRoot: process.getuid?.() === 0,
    hidden: [],
  });
  // A kernel that lets nobody make namespaces is no matter of the place.
  expect(label).not.toContain(below);
});

test("T101 a child does not outlive a daemon that was killed", async () => {
  const cage = await cageOf("bubblewrap");
  const daemon = Bun.spawn(
    [
      process.execPath,
      "-e",
      `const child = Bun.spawn(${JSON.stringify(cage.argv)}, { stdin: "pipe", detached: true });
       console.log(child.pid); for (;;) await Bun.sleep(1000);`,
    ],
    { stdout: "pipe", stderr: "ignore" },
  );
  const { value } = await daemon.stdout.getReader().read();
  const pid = Number(new TextDecoder().decode(value));
  expect(isAlive(pid)).toBe(true);
  daemon.kill("SIGKILL");
  await daemon.exited;
  await until(() => !isAlive(pid), "the plugin's process is gone");
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\t[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
