/** API and dashboard, and what the Monitor reaches by itself. */
import { bytes, compilePattern, duration, patternText } from "cortex";
import * as z from "zod";
import { isAllowEntry } from "../../ports/network/egress.ts";
import { text } from "./shared.ts";

export const serverConfig = z
  .strictObject({
    listen: text.prefault("127.0.0.1:7600").describe("Address and port of API and dashboard."),
    public_url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional()
      .describe("How others reach this server, for join commands and links. Default: the listen address."),
    tls: z
      .strictObject({
        cert: text
          .optional()
          .describe("Certificate with its chain (PEM). It is read again when the file changes."),
        key: text.optional().describe("Private key of the certificate (PEM, not readable for everybody)."),
        self_signed: z
          .boolean()
          .prefault(false)
          .describe("Make a certificate here, for a laboratory; its fingerprint is printed at the start."),
      })
      .prefault({})
      .describe("Serve HTTPS. Without it, only the loopback address is served."),
    allow_insecure_http: z
      .boolean()
      .prefault(false)
      .describe(
        "Serve plain HTTP on other addresses than loopback: for a proxy in a container's own network. Whoever can listen in on it reads passwords and keys.",
      ),
    allowed_hosts: z
      .array(text)
      .prefault([])
      .describe("Host names accepted in the Host header besides the listen address and localhost."),
    trusted_proxies: z
      .array(
        z.union(
          [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
          "must be an address or a range such as 10.0.0.0/8",
        ),
      )
      .prefault([])
      .describe(
        "Reverse proxies, as addresses or ranges, whose X-Forwarded-For names the client; from others it is ignored.",
      ),
    metrics_on_loopback: z
      .boolean()
      .prefault(false)
      .describe("Serve /metrics without a key to clients on the loopback address."),
    session_idle: duration("30m").describe("A session ends after this time without a request."),
    session_max: duration("12h").describe("A session ends after this time in any case."),
    session_recent: duration("5m").describe(
      "Acts that widen somebody's power are asked for a proof when the last one is older than this.",
    ),
    require_second_factor: z
      .enum(["none", "admins", "all"])
      .prefault("none")
      .describe(
        "Who must show a second factor, a passkey or an identity provider: people with the role admin anywhere, all, or none. Others may.",
      ),
    max_body: bytes("1MiB").describe("Largest request body."),
    request_rate: z
      .number()
      .min(1)
      .prefault(20)
      .describe("Requests per second of one user or key; three times as many in a burst."),
    ingest_rate: z
      .number()
      .min(1)
      .prefault(10)
      .describe("Messages per second of one node over HTTP; ten times as many in a burst."),
  })
  .prefault({});

export const egressConfig = z
  .strictObject({
    allow: z
      .array(
        text.refine(isAllowEntry, {
          error: "must be an address, a range such as 10.0.0.0/8, or a host name, with :PORT for one port",
        }),
      )
      .prefault([])
      .describe(
        "Destinations in the own network that alerts and webhooks may reach besides the Internet: addresses, ranges, host names (*.example.net), each with :PORT for one port.",
      ),
    proxy: text
      .refine((url) => /^https?:\/\/[^\s/]+\/?$/.test(url), {
        error: "must be a URL such as http://proxy.example:3128",
      })
      .nullable()
      .prefault(null)
      .describe("HTTP proxy for alerts and webhooks. Proxies of the environment are never used."),
  })
  .prefault({});

export const redactConfig = z
  .strictObject({
    patterns: z
      .array(
        patternText().refine((source) => !compilePattern(source).test(""), {
          error: "this pattern also occurs in an empty text, so it would hide nothing or all",
        }),
      )
      .max(50)
      .prefault([])
      .describe(
        "What else is secret, by its form: patterns in RE2's syntax, for example INT-[0-9]{8}. Hidden in logs, results, the ledger and answers, besides what is hidden anyway.",
      ),
  })
  .prefault({});

export const secretsConfig = z
  .strictObject({
    key_file: text
      .optional()
      .describe(
        "Key that encrypts stored secrets; made when it is first needed, outside the data folder. Default: /etc/cortex/kek as root, else the XDG config folder. A systemd credential cortex-kek goes before it.",
      ),
  })
  .prefault({});
