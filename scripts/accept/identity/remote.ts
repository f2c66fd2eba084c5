/** Machines that join a Monitor, for scenarios: daemons of the built binary, over a line that can be cut. */
import { X509Certificate } from "node:crypto";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { createSelfSigned } from "../../../core/ports/network/self-signed.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { plainEnv, type Ran, runProgram } from "../lib/run.ts";

/** Where a machine finds its Monitor. */
export interface Place {
  url: string;
  /** SHA-256 of its certificate, hex. */
  fingerprint: string;
}

export interface Line extends Place {
  /** While cut, every connection dies and none is made. */
  cut(is: boolean): void;
  /** The first of what was said to it, without TLS. */
  heard(): string;
}

const MAX_HEARD = 65_536;

/** TLS on the loopback address in front of a Monitor, with a certificate of its own. */
export async function startLine(rig: Rig, monitor: Cortex): Promise<Line> {
  const now = Date.now();
  const { certificate, key } = await createSelfSigned({
    names: ["localhost"],
    notBefore: now - 60_000,
    notAfter: now + 86_400_000,
  });
  let isCut = false;
  let heard = "";
  const sockets = new Set<Socket>();
  const server = createServer({ cert: certificate, key }, (incoming) => {
    const outgoing = connect(monitor.port, "127.0.0.1");
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    incoming.on("data", (chunk: Buffer) => {
      if (heard.length < MAX_HEARD) heard += chunk.toString("latin1");
    });
    if (isCut) incoming.destroy();
    else incoming.pipe(outgoing).pipe(incoming);
  });
  const port = await rig.port();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () => sockets.forEach((socket) => socket.destroy());
  rig.atEnd(() => {
    close();
    server.close();
  });
  return {
    url: `https://localhost:${port}`,
    fingerprint: new X509Certificate(certificate).fingerprint256.replaceAll(":", "").toLowerCase(),
    cut(is) {
      isCut = is;
      if (is) close();
    },
    heard: () => heard,
  };
}

export interface Link {
  state: string;
  reason: string | null;
  /** Of any answer, a refusal too. */
  lastAnswerAt: string | null;
  spooled: number;
}

export interface Machine {
  id: string;
  dataDir: string;
  link(): Promise<Link | null>;
  cli(...args: string[]): Promise<Ran>;
  start(): void;
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Another machine with a copy of everything this one knows, its key included. */
  copy(): Machine;
}

/** What a machine does all the time here: report often, so that seconds show what minutes would. */
export const LIVELY = { link: { heartbeat: "1s", report: "1s" }, engine: { tick: "1s" } };

export interface MachineOptions {
  name: string;
  config?: object;
  /** Extra words for `token create`. */
  token?: string[];
  line?: Place;
}

/** A machine that has joined; it waits for approval unless the token says otherwise. */
export async function joinMachine(rig: Rig, monitor: Cortex, options: MachineOptions): Promise<Machine> {
  const { name, line } = options;
  const made = await monitor.cli(
    "token",
    "create",
    "--json",
    "--address",
    line?.url ?? monitor.url,
    ...(line === undefined ? [] : ["--fingerprint", line.fingerprint]),
    ...(options.token ?? []),
  );
  ensure(made.code === 0, `token create: ${made.stderr.trim()}`);
  const { join: string } = JSON.parse(made.stdout) as { join: string };
  return joinWith(rig, name, string, options.config);
}

/** The same with a join string that was made elsewhere. */
export async function joinWith(rig: Rig, name: string, string: string, more?: object): Promise<Machine> {
  const { joined, machine } = await tryJoin(rig, name, [string], more);
  ensure(joined.code === 0, `join: ${joined.stderr.trim()}`);
  return machine;
}

/** `cortex join` with these words on a new machine, whatever comes of it. */
export async function tryJoin(
  rig: Rig,
  name: string,
  words: string[],
  more: object = {},
): Promise<{ joined: Ran; machine: Machine }> {
  const folder = join(rig.folder, `machine-${name}`);
  mkdirSync(join(folder, "plugins"), { recursive: true, mode: 0o700 });
  const config = { node: { name }, ...LIVELY, ...more };
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(config), { mode: 0o600 });
  const binary = await rig.binary();
  const joined = await machineIn(rig, binary, folder, "").cli("join", ...words, "--json");
  const id = joined.code === 0 ? (JSON.parse(joined.stdout) as { node: string }).node : "";
  return { joined, machine: machineIn(rig, binary, folder, id) };
}

function machineIn(rig: Rig, binary: string, folder: string, id: string): Machine {
  const dataDir = join(folder, "data");
  const where = ["--data-dir", dataDir, "--config", join(folder, "config.yaml")];
  let child: Bun.Subprocess | null = null;
  async function end(signal: NodeJS.Signals): Promise<void> {
    child?.kill(signal);
    await child?.exited;
    child = null;
  }
  const cli = (...args: string[]) =>
    runProgram([binary, ...args, ...where], { cwd: folder, env: { ...plainEnv(), HOME: folder } });
  return {
    id,
    dataDir,
    cli,
    async link() {
      const answer = await cli("link", "--json");
      return answer.code === 0 ? (JSON.parse(answer.stdout) as Link) : null;
    },
    start() {
      const plugins = ["--plugins-dir", join(folder, "plugins")];
      child = rig.spawn([binary, "up", ...where, ...plugins], {
        cwd: folder,
        env: { ...plainEnv(), HOME: folder },
      });
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    copy() {
      const other = `${folder}-copy`;
      cpSync(folder, other, {
        recursive: true,
        filter: (path) => !/cortex\.sock$|lock\.(db|pid)$|ballast$/.test(path),
      });
      return machineIn(rig, binary, other, id);
    },
  };
}
