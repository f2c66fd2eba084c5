/** Whether the declared port is open, and whose it is. */
import type { Clock, HostFs, Net, ProcessIdentity } from "cortex";
import { findHolder, findListeners, type Holder } from "./processes.ts";

/** `ours`: our process, a member of its session or a descendant; `stranger`: anything else, null when it can't be seen which. */
export type PortState =
  { kind: "closed" } | { kind: "ours"; holder: Holder | null } | { kind: "stranger"; holder: Holder | null };

export interface PortGuard {
  /** `leader` is the service's process, alive or the last one known. */
  look(leader: ProcessIdentity | null, alive: boolean): Promise<PortState>;
}

/**
 * /proc/net/tcp walks the kernel's whole table of connections (some milliseconds on a host with much memory), and a service
 * is looked at every few seconds. While our own process still has the same listening socket open, the port is open: only a
 * shutdown(2) without close(2), or a stranger that shares the port, needs the table, and waits for it this long.
 */
const TABLE_EVERY_MS = 15_000;

interface Known {
  key: string;
  state: PortState;
  /** The descriptor that is the socket. */
  descriptor: string;
  socket: string;
  process: string;
  readAt: number;
}

export function createPortGuard(
  { fs, net, clock }: { fs: HostFs; net: Net; clock: Clock },
  address: string,
  port: number,
): PortGuard {
  /** Finding a socket's holder means reading all descriptors: done once per process and set of sockets. */
  let known: Known | null = null;

  const accepts = () =>
    net.connect({ "0.0.0.0": "127.0.0.1", "::": "::1" }[address] ?? address, port, 1000).then(
      () => true,
      () => false,
    );

  async function stillOpen(process: string): Promise<boolean> {
    if (known?.state.kind !== "ours" || known.process !== process) return false;
    if (clock.monotonic() - known.readAt >= TABLE_EVERY_MS) return false;
    return fs.readLink(known.descriptor).then(
      (link) => link === known?.socket,
      () => false,
    );
  }

  return {
    async look(leader, alive) {
      const process = `${leader?.pid} ${leader?.startTicks} ${alive}`;
      if (alive && (await stillOpen(process))) return known!.state;
      const listeners = await findListeners(fs, address, port);
      if (listeners.length === 0) return { kind: "closed" };
      const readAt = clock.monotonic();
      const key = [process, ...listeners.map(({ inode }) => inode)].join(" ");
      if (known?.key === key) {
        known.readAt = readAt;
        return known.state;
      }
      const found = await findHolder(fs, listeners, leader?.pid ?? null);
      if (found !== null) {
        const { descriptor, socket, ...holder } = found;
        const state: PortState = { kind: holder.ours ? "ours" : "stranger", holder };
        known = { key, state, descriptor, socket, process, readAt };
        return state;
      }
      // Nobody is seen to hold it: the table is a moment old, or the holder's descriptors may not be read. Without a
      // process of our own an answer comes from a stranger; with one it is taken for ours.
      if (!(await accepts())) return { kind: "closed" };
      return { kind: alive ? "ours" : "stranger", holder: null };
    },
  };
}
