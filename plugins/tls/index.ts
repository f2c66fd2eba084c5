import { definePlugin, duration } from "cortex";
import * as z from "zod";
import { ownerField, portNumber } from "../common/probe.ts";
import { createTlsCheck } from "./tls.ts";

const hostName = z
  .string()
  .max(253)
  .regex(/^[a-zA-Z0-9_.:-]+$/, { error: "must be a host name or an address, without scheme, port or path" });

export default definePlugin({
  name: "tls",
  version: "1.0.0",
  sdk: 1,
  summary: "Certificates that declared servers show: when they end, and whether they are trusted.",
  config: z.strictObject({
    host: hostName.describe("Name or address to connect to."),
    port: portNumber.prefault(443).describe("The port."),
    server_name: hostName
      .optional()
      .describe("Name asked for and checked against the certificate. Default: the host."),
    warning_left: duration("14d").describe("A warning when it is valid for less than this."),
    critical_left: duration("7d").describe("Critical when it is valid for less than this."),
    verify_chain: z
      .boolean()
      .prefault(true)
      .describe("false accepts certificates of an authority that this host does not trust."),
    connect_timeout: duration("10s").describe("A handshake that takes longer gives no result."),
    owner: ownerField,
  }),
  needsConfig: true,
  modes: ["agent"],
  capabilities: ["net"],
  setup: (ctx, config) => ({ checks: [createTlsCheck(ctx, config)] }),
});
