/**
 * HTTP load over keep-alive connections, one request in flight on each; every connection sends its own list of requests in
 * a circle. In a body, `@AT@` becomes a time of its own, 15 s after the one before, so that no two reports are the same.
 */
import { answer, readOptions } from "./options.ts";

export interface LoadRequest {
  method: "GET" | "POST";
  path: string;
  key: string;
  body?: string;
}

export interface LoadOptions {
  port: number;
  warmUpMs: number;
  measureMs: number;
  /** One list per connection. */
  connections: LoadRequest[][];
}

export interface LoadResult {
  requests: number;
  seconds: number;
  /** By status, those of the warm-up included. */
  statuses: Record<string, number>;
  /** Milliseconds: p50, p95, p99, max. */
  latency: { p50: number; p95: number; p99: number; max: number };
}

const STEP_MS = 15_000;
const HEAD_END = Buffer.from("\r\n\r\n");
const options = await readOptions<LoadOptions>();
const latencies: number[] = [];
const statuses: Record<string, number> = {};
const startedAt = performance.now();
const measureFrom = startedAt + options.warmUpMs;
const measureTo = measureFrom + options.measureMs;
const oldest = Date.now() - 86_400_000;

function bytesOf({ method, path, key, body }: LoadRequest, round: number): string {
  const at = new Date(oldest + round * STEP_MS).toISOString();
  const content = body?.replaceAll("@AT@", at) ?? "";
  const length =
    body === undefined
      ? ""
      : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(content)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\nAuthorization: Bearer ${key}\r\n${length}\r\n${content}`;
}

/** Bytes of the first answer in the buffer; null while it is not complete. */
function answerLength(buffer: Buffer): { status: string; bytes: number } | null {
  const head = buffer.indexOf(HEAD_END);
  if (head === -1) return null;
  const text = buffer.toString("latin1", 0, head);
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  const bytes = head + HEAD_END.length + length;
  return buffer.length < bytes ? null : { status: text.slice(9, 12), bytes };
}

function drive(requests: LoadRequest[]): Promise<void> {
  const done = Promise.withResolvers<void>();
  let sent = 0;
  let sentAt = 0;
  let rest: Buffer = Buffer.alloc(0);
  const next = (socket: Bun.Socket) => {
    sentAt = performance.now();
    if (sentAt > measureTo) {
      done.resolve();
      return void socket.end();
    }
    const request = requests[sent % requests.length]!;
    socket.write(bytesOf(request, Math.floor(sent / requests.length)));
    sent += 1;
  };
  Bun.connect({
    hostname: "127.0.0.1",
    port: options.port,
    socket: {
      open: next,
      data(socket, chunk) {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        const answer = answerLength(rest);
        if (answer === null) return;
        rest = rest.subarray(answer.bytes);
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        const now = performance.now();
        if (sentAt >= measureFrom && now <= measureTo) latencies.push(now - sentAt);
        next(socket);
      },
      close: () => done.reject(new Error("the server closed the connection")),
      error: (_socket, error) => done.reject(error),
    },
  }).catch(done.reject);
  return done.promise;
}

await Promise.all(options.connections.map(drive));
const sorted = Float64Array.from(latencies).sort();
const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
const result: LoadResult = {
  requests: latencies.length,
  seconds: options.measureMs / 1000,
  statuses,
  latency: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? NaN },
};
await answer(result);
