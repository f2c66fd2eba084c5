import { afterEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveSocket } from "../../../core/http/serve-socket.ts";
import { ephemeralKeyPair } from "../../../core/store/key-file.ts";
import { createUpstreamFiles } from "../../../core/store/upstream.ts";
import { openCortex } from "../../cortex.ts";
import { loadSettings } from "../../settings.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A daemon in a folder of its own that was started with this file; its role is what the folder says. */
async function daemon({ isAgent = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "cortex-doctor-"));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, "data");
  const file = join(folder, "own.yaml");
  const write = (text: string) => writeFileSync(file, text, { mode: 0o600 });
  write(
    `secrets: { key_file: ${join(folder, "kek")} }\nprivileges: { helper: { socket: ${folder}/none } }\n`,
  );
  if (isAgent) {
    const keys = join(data, "keys");
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    const publicKey = Buffer.from(ephemeralKeyPair().publicKey).toString("base64");
    const rest = { fingerprint: null, decisionKey: null, joinedAt: 0, keySince: 0 };
    createUpstreamFiles(keys).write({ url: "https://monitor.example/", publicKey, ...rest });
  }
  const options = { config: file, "data-dir": data, "plugins-dir": join(folder, "plugins") };
  const cortex = await openCortex(loadSettings(options), { quiet: true });
  const server = serveSocket(cortex.api, cortex.dir.socket);
  closers.push(async () => {
    await server.stop();
    await cortex.stop();
  });
  async function doctor(...args: string[]) {
    const main = join(import.meta.dir, "../../main.ts");
    const child = Bun.spawn([process.execPath, main, "doctor", "--json", "--data-dir", data, ...args], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const found = JSON.parse(await new Response(child.stdout).text()) as {
      what: string;
      status: string;
      text: string;
    }[];
    await child.exited;
    return found.find(({ what }) => what === "configuration");
  }
  return { folder, file, write, doctor };
}

test.each([{ isAgent: false }, { isAgent: true }])(
  "the file that the running daemon uses is examined, though the command names none (%j)",
  async (role) => {
    const { file, doctor } = await daemon(role);
    expect(await doctor()).toMatchObject({ status: "ok", text: `${file}, as the running daemon` });
  },
  20_000,
);

test("a mistake that was made in the daemon's file since it was read is found", async () => {
  const { file, write, doctor } = await daemon();
  write("polcy: {}\n");
  const found = await doctor();
  expect(found).toMatchObject({ status: "critical" });
  expect(found?.text).toContain(`${file}:1`);
}, 20_000);

test("the plugins of one's own are looked for where the running daemon has them", async () => {
  const { folder, file, write, doctor } = await daemon();
  const own = join(folder, "plugins", "queue-depth");
  mkdirSync(own, { recursive: true, mode: 0o700 });
  writeFileSync(join(own, "index.ts"), "export default {};\n", { mode: 0o600 });
  write("plugins: { queue-depth: {} }\n");
  expect(await doctor()).toMatchObject({ status: "ok", text: `${file}, as the running daemon` });
}, 20_000);

test("another file than the daemon's is examined when it is named, and said to be another one", async () => {
  const { folder, file, doctor } = await daemon();
  const other = join(folder, "other.yaml");
  writeFileSync(other, "version: 1\n", { mode: 0o600 });
  expect(await doctor("--config", other)).toMatchObject({
    status: "warning",
    text: `${other} holds no mistake; the running daemon uses ${file}`,
  });
}, 20_000);
