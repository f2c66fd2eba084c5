import { definePlugin } from "cortex";
import * as z from "zod";
import { acceptQueueConfig, createAcceptQueue } from "./accept-queue.ts";
import { createEphemeralPorts, ephemeralPortsConfig } from "./ephemeral-ports.ts";

export default definePlugin({
  name: "tcp",
  version: "1.0.0",
  sdk: 1,
  summary: "Connections that listeners drop, and ports left for outgoing connections.",
  config: z.strictObject({ accept_queue: acceptQueueConfig, ephemeral_ports: ephemeralPortsConfig }),
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup: (ctx, config) => ({
    checks: [
      ...(config.accept_queue.enabled ? [createAcceptQueue(ctx, config.accept_queue)] : []),
      ...(config.ephemeral_ports.enabled ? [createEphemeralPorts(ctx, config.ephemeral_ports)] : []),
    ],
  }),
});
