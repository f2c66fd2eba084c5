/** Whether the declared port is open, and whose it is. */
import type { HostFs, Net, ProcessIdentity } from "cortex";
import { findHolder, findListeners, type Holder } from "./processes.ts";

/** `ours`: our process, a member of its session or a descendant; `stranger`: anything else, null when it can't be seen which. */
export type PortState =
  { kind: "closed" } | { kind: "ours"; holder: Holder | null } | { kind: "stranger"; holder: Holder | null };

export interface PortGuard {
  /** `leader` is the service's process, alive or the last one known. */
  look(leader: ProcessIdentity | null, alive: boolean): Promise<PortState>;
}

export function createPortGuard(fs: HostFs, net: Net, address: string, port: number): PortGuard {
  /** Finding a socket's holder means reading all descriptors: done once per process and set of sockets. */
  let known: { key: string; state: PortState } | null = null;

  const accepts = () =>
    net.connect({ "0.0.0.0": "127.0.0.1", "::": "::1" }[address] ?? address, port, 1000).then(
      () => true,
      () => false,
    );

  return {
    async look(leader, alive) {
      const listeners = await findListeners(fs, address, port);
      if (listeners.length === 0) return { kind: "closed" };
      const key = [leader?.pid, leader?.startTicks, alive, ...listeners.map(({ inode }) => inode)].join(" ");
      if (known?.key === key) return known.state;
      const holder = await findHolder(fs, listeners, leader?.pid ?? null);
      if (holder !== null) {
        const state: PortState = { kind: holder.ours ? "ours" : "stranger", holder };
        known = { key, state };
        return state;
      }
      // Nobody is seen to hold it: the table is a moment old, or the holder's descriptors may not be read. Without a
      // process of our own an answer comes from a stranger; with one it is taken for ours.
      if (!(await accepts())) return { kind: "closed" };
      return { kind: alive ? "ours" : "stranger", holder: null };
    },
  };
}
