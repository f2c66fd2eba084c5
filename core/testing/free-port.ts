/**
 * TCP ports of 127.0.0.1 for what a test starts. They lie below those that Linux gives to outgoing connections (32768 and
 * up, ip(7) ip_local_port_range), so that no client on a busy host can take one before its new owner listens.
 */
import { createServer } from "node:net";

const FIRST = 12_000;
const LAST = 32_000;
/** Far enough that the ports of processes which start one after the other do not meet. */
const APART = 7919;
/** Ports that were given out by this process lie behind it; other processes begin elsewhere. */
let next = (process.pid * APART) % (LAST - FIRST);

export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + next;
    next = (next + 1) % (LAST - FIRST);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}
