/**
 * Many live sockets in one process, and the change that all of them are told of: a heartbeat that turns a node's repairs on
 * or off. Prints the milliseconds from sending it until each socket had it, over all sockets and rounds.
 */
import { answer, readOptions } from "./options.ts";

export interface LiveOptions {
  url: string;
  viewerKey: string;
  nodeKey: string;
  clients: number;
  rounds: number;
}

export interface LiveResult {
  p50: number;
  p99: number;
  max: number;
}

const PAUSE_MS = 120;
const LONGEST_MS = 20_000;
const { url, viewerKey, nodeKey, clients, rounds } = await readOptions<LiveOptions>();
/** Browsers can't send headers with a WebSocket; Bun can, and its types give way to the DOM's. */
const SocketWithHeaders = WebSocket as unknown as new (
  url: string,
  options: { headers: Record<string, string> },
) => WebSocket;

let wanted = "";
let sentAt = 0;
let missing = 0;
let finished: () => void = () => {};
const times: number[] = [];
const snapshot = Promise.withResolvers<void>();
let snapshots = 0;

function heard(data: string): void {
  if (data.includes('"type":"snapshot"')) {
    snapshots += 1;
    if (snapshots === clients) snapshot.resolve();
    return;
  }
  if (missing === 0 || !data.includes(wanted)) return;
  times.push(performance.now() - sentAt);
  missing -= 1;
  if (missing === 0) finished();
}

async function open(): Promise<void> {
  const headers = { authorization: `Bearer ${viewerKey}` };
  const socket = new SocketWithHeaders(`${url.replace("http", "ws")}/api/v1/live`, { headers });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.addEventListener("message", (event) => heard(String(event.data)));
  socket.addEventListener("error", () => reject(new Error("a live socket was refused")));
  socket.addEventListener("open", () => {
    socket.send(JSON.stringify({ subscribe: ["nodes"] }));
    resolve();
  });
  await promise;
}

async function change(round: number): Promise<void> {
  const repairs = round % 2 === 0;
  wanted = `"repairs":${repairs}`;
  const at = new Date().toISOString();
  const body = { at, uptimeSeconds: 1000 + round, repairs, openProblems: 0, spooled: 0, version: "bench" };
  missing = clients;
  const all = new Promise<void>((resolve, reject) => {
    finished = resolve;
    setTimeout(() => reject(new Error(`${missing} of ${clients} sockets heard nothing`)), LONGEST_MS).unref();
  });
  sentAt = performance.now();
  const response = await fetch(`${url}/api/v1/heartbeat`, {
    method: "POST",
    headers: { authorization: `Bearer ${nodeKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`POST heartbeat: ${response.status} ${await response.text()}`);
  await all;
}

for (let from = 0; from < clients; from += 50)
  await Promise.all(Array.from({ length: Math.min(50, clients - from) }, open));
await snapshot.promise;
for (let round = 0; round < rounds + 2; round += 1) {
  await change(round);
  // The first two make the node known and warm everything up.
  if (round < 2) times.length = 0;
  await Bun.sleep(PAUSE_MS);
}
times.sort((a, b) => a - b);
const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? NaN;
const result: LiveResult = { p50: at(0.5), p99: at(0.99), max: times.at(-1) ?? NaN };
await answer(result);
