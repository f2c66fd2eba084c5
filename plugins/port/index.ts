import { definePlugin } from "cortex";
import * as z from "zod";
import { ownerField, portNumber } from "../common/probe.ts";
import { createPortCheck } from "./port.ts";

export default definePlugin({
  name: "port",
  version: "1.0.0",
  sdk: 1,
  summary: "Declared ports of this host that somebody must listen on.",
  config: z.strictObject({
    port: portNumber.describe("The port."),
    protocol: z.enum(["tcp", "udp"]).prefault("tcp").describe("tcp or udp."),
    address: z
      .union([z.ipv4(), z.ipv6()], { error: "must be an IPv4 or IPv6 address" })
      .optional()
      .describe("Local address that must be served, by itself or by a wildcard. Default: any."),
    owner: ownerField,
  }),
  needsConfig: true,
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup: (ctx, config) => ({ checks: [createPortCheck(ctx, config)] }),
});
