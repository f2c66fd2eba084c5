/** Odd bytes, too many bytes and bytes that never come: who asks properly notices nothing. */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { Cortex } from "../lib/cortex.ts";
import { ensure } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { percentile } from "../lib/stats.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { startNaiveProxy } from "./naive-proxy.ts";
import { ensureNotSmuggled } from "./smuggling.ts";

const MIB = 1024 * 1024;
/** What the program may grow by while a gigabyte is thrown at it. */
const GROWTH_BYTES = 50 * MIB;
const P99_MS = 500;
/** Bun closes a connection whose request head has not come in after about 12 s. */
const CLOSED_WITHIN_MS = 40_000;

const rssOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;

/** A chunked body without an end, until the server has had enough; how much of it was taken. */
function pour(port: number, megabytes: number): Promise<{ sent: number; answer: string }> {
  const chunk = Buffer.alloc(64 * 1024, " ");
  const piece = Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]);
  return new Promise((resolve) => {
    let answer = "";
    let sent = 0;
    const socket = connect({ port, host: "127.0.0.1" });
    const done = () => resolve({ sent, answer });
    const write = () => {
      while (sent < megabytes * MIB && answer === "" && !socket.destroyed) {
        sent += chunk.length;
        if (!socket.write(piece)) return;
      }
      socket.destroy();
    };
    socket.setTimeout(5000, () => socket.destroy());
    socket.on("data", (data) => void (answer += data.toString()));
    socket.on("drain", write);
    socket.on("error", done);
    socket.on("close", done);
    socket.on("connect", () => {
      socket.write(
        `POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      write();
    });
  });
}

async function ensureBounded(cortex: Cortex): Promise<string> {
  const before = rssOf(cortex.pid);
  let highest = before;
  const watch = setInterval(() => void (highest = Math.max(highest, rssOf(cortex.pid))), 20);
  try {
    const { answer } = await pour(cortex.port, 1024);
    ensure(
      answer.startsWith("HTTP/1.1 413"),
      `a body of 1 GB is answered: ${answer.slice(0, 100) || "nothing"}`,
    );
    const deep = await fetch(`${cortex.url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "[".repeat(1_000_000),
    });
    ensure(deep.status === 400, `a million brackets are answered ${deep.status}`);
  } finally {
    clearInterval(watch);
  }
  const grown = highest - before;
  ensure(grown < GROWTH_BYTES, `it grew by ${Math.round(grown / MIB)} MiB, more than ${GROWTH_BYTES / MIB}`);
  return `1 GB refused at +${Math.max(0, Math.round(grown / MIB))} MiB`;
}

/** Connections that send a byte a second and never come to the point. */
async function openSlow(port: number, count: number, head: string): Promise<Set<Socket>> {
  const open = new Set<Socket>();
  for (let index = 0; index < count; index += 1) {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("connect", () => socket.write(head));
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    socket.resume();
    open.add(socket);
    if (index % 100 === 99) await pause(5);
  }
  const drip = setInterval(() => {
    if (open.size === 0) clearInterval(drip);
    for (const socket of open) socket.write("a");
  }, 1000);
  return open;
}

/** What somebody with a key notices meanwhile, ms per request. */
async function measure(cortex: Cortex, key: string, count: number): Promise<number[]> {
  const took: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const from = performance.now();
    const { status } = await cortex.api("GET", "nodes", undefined, { key });
    ensure(status === 200, `an ordinary request is answered ${status}`);
    took.push(performance.now() - from);
  }
  return took;
}

async function ensureUnmoved(rig: Rig, cortex: Cortex): Promise<string> {
  const key = await cortex.key("viewer");
  const count = rig.quick ? 1000 : 5000;
  const heads = await openSlow(
    cortex.port,
    count,
    `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${cortex.port}\r\nX-A: `,
  );
  const from = performance.now();
  rig.atEnd(() => heads.forEach((socket) => socket.destroy()));
  const p99 = percentile(await measure(cortex, key, 300), 0.99);
  ensure(p99 < P99_MS, `beside ${count} slow clients 1 of 100 requests takes ${Math.round(p99)} ms`);
  await until(() => heads.size === 0, {
    what: "every slow client is closed",
    timeoutMs: CLOSED_WITHIN_MS,
    everyMs: 200,
  });
  const closedAfter = (performance.now() - from) / 1000;

  const body = `POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1:${cortex.port}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`;
  const bodies = await openSlow(cortex.port, 100, body);
  rig.atEnd(() => bodies.forEach((socket) => socket.destroy()));
  const beside = percentile(await measure(cortex, key, 100), 0.99);
  ensure(beside < P99_MS, `beside 100 slow bodies 1 of 100 requests takes ${Math.round(beside)} ms`);
  return `${count} slow clients: p99 ${Math.round(p99)} ms, all closed after ${closedAfter.toFixed(0)} s`;
}

const scenario: Scenario = {
  name: "smuggling-and-slow-clients",
  quick: true,
  timeoutMs: 180_000,
  threats: ["T21", "T22", "T23", "T113"],
  async run(rig) {
    const cortex = await rig.cortex({ config: { server: { request_rate: 10_000 } } });
    const odd = await ensureNotSmuggled(cortex, cortex.port);
    return `${odd}; ${await ensureBounded(cortex)}; ${await ensureUnmoved(rig, cortex)}`;
  },
  /** The same bytes through a proxy that hides name and method of a request from Cortex. */
  async control(rig) {
    const cortex = await rig.cortex({ config: { server: { request_rate: 10_000 } } });
    return ensureNotSmuggled(cortex, startNaiveProxy(rig, cortex));
  },
};

export default scenario;
