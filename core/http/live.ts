/**
 * `/api/v1/live`: `{ subscribe: [topics], since?: { topic: seq } }` in, snapshots and patches out. A socket lives no
 * longer than the session or key that opened it, and shows the nodes that its holder may see.
 */
import type { Principal } from "cortex";
import * as z from "zod";
import { isTopic, TOPICS, type Topic } from "../monitor/hub.ts";
import { nodeScopeOf } from "../access/node-scope.ts";
import { createBuckets } from "../access/rate-limit.ts";
import type { ServerSocket, SocketHandler } from "../ports/network/http-server.ts";
import { parseJson } from "./door/json.ts";
import type { Services } from "./services.ts";

export const liveRequest = z.strictObject({
  subscribe: z.array(z.enum(TOPICS)).max(20).optional(),
  unsubscribe: z.array(z.enum(TOPICS)).max(20).optional(),
  since: z.record(z.string().max(50), z.number().int().nonnegative()).optional(),
});

const PING_MS = 20_000;
/** How soon a session that ran out loses its sockets; one that was ended loses them at once. */
const SWEEP_MS = 2000;
/** Subscribing builds snapshots, so it has a price. */
const REQUESTS = { perMinute: 60, burst: 20 };
/** Close codes: 1008 policy, 1001 going away. */
const POLICY = 1008;
const AWAY = 1001;

export interface LiveSockets {
  accept(principal: Principal): SocketHandler;
  start(): void;
  stop(): void;
}

export function createLiveSockets(services: Services): LiveSockets {
  const { clock, access, monitor } = services;
  const open = new Map<ServerSocket, Principal>();
  let cancelPing = () => {};
  let cancelSweep = () => {};
  let stopListening = () => {};

  function sweep(): void {
    const alive = new Map<string, boolean>();
    for (const [socket, principal] of open) {
      const key = JSON.stringify(principal);
      if (!alive.has(key)) alive.set(key, access.isAlive(principal));
      if (!alive.get(key)) socket.close(POLICY, "session ended");
    }
  }
  function sweepLoop(): void {
    if (open.size > 0) sweep();
    cancelSweep = clock.after(SWEEP_MS, sweepLoop);
  }
  function pingLoop(): void {
    for (const socket of open.keys()) socket.ping();
    cancelPing = clock.after(PING_MS, pingLoop);
  }

  return {
    accept(principal) {
      const requests = createBuckets(clock, REQUESTS);
      let socket: ServerSocket | null = null;
      let subscription: ReturnType<typeof monitor.hub.connect> | null = null;
      const refuse = (code: string, message: string) =>
        socket?.send(JSON.stringify({ type: "error", error: { code, message, id: services.newId() } }));
      return {
        open(accepted) {
          socket = accepted;
          open.set(accepted, principal);
          try {
            subscription = monitor.hub.connect(accepted, nodeScopeOf(principal, "fleet.read", monitor.nodes));
          } catch {
            accepted.close(1013, "too many live connections");
          }
        },
        message(text) {
          if (requests.take("") > 0) return socket?.close(POLICY, "too many requests");
          const parsed = parseRequest(text);
          if (parsed === null) return void refuse("live.invalid", "this is not a subscription");
          const since: Partial<Record<Topic, number>> = {};
          for (const [topic, seq] of Object.entries(parsed.since ?? {}))
            if (isTopic(topic)) since[topic] = seq;
          subscription?.unsubscribe(parsed.unsubscribe ?? []);
          subscription?.subscribe(parsed.subscribe ?? [], since);
        },
        drained: () => subscription?.drained(),
        closed() {
          if (socket) open.delete(socket);
          subscription?.end();
        },
      };
    },
    start() {
      stopListening = access.onRevoked(sweep);
      sweepLoop();
      cancelPing = clock.after(PING_MS, pingLoop);
    },
    stop() {
      cancelPing();
      cancelSweep();
      stopListening();
      for (const socket of open.keys()) socket.close(AWAY, "the Monitor stops");
    },
  };
}

function parseRequest(text: string): z.infer<typeof liveRequest> | null {
  try {
    const parsed = liveRequest.safeParse(parseJson(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
