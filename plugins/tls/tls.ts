/** tls_expiry: the certificate as clients get it, which is not always the one on the disk. */
import {
  type Check,
  formatDuration,
  judge,
  messageOf,
  oneLine,
  type PluginContext,
  type Result,
  type ServedCertificate,
  type Status,
} from "cortex";
import { networkOf, probeTarget } from "../common/probe.ts";

export interface TlsConfig {
  host: string;
  port: number;
  server_name?: string;
  warning_left: number;
  critical_left: number;
  verify_chain: boolean;
  connect_timeout: number;
  owner?: string;
}

const CHECK_SLACK_MS = 2000;

/** OpenSSL's verdicts (verify(1)) in words that say what to do. */
const REASONS: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "an intermediate certificate is missing",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "an intermediate certificate is missing, or its authority is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "an intermediate certificate is missing, or its authority is not trusted here",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is made for other names",
  CERT_REVOKED: "it was revoked",
  CERT_SIGNATURE_FAILURE: "its signature is wrong",
};

/** Reasons about time are told by the dates themselves. */
const ABOUT_TIME = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);
/** A broken name or a revocation is a fault even where the authority is none of ours. */
const ABOUT_AUTHORITY = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Why clients refuse it, apart from its dates; null when they don't. */
export function distrust(certificate: ServedCertificate, verifyChain: boolean): string | null {
  const reason = certificate.reason ?? "";
  if (certificate.trusted || ABOUT_TIME.has(reason)) return null;
  if (!verifyChain && ABOUT_AUTHORITY.has(reason)) return null;
  return REASONS[reason] ?? `it does not verify (${reason || "no reason given"})`;
}

export function judgeCertificate(
  certificate: ServedCertificate,
  config: Pick<TlsConfig, "warning_left" | "critical_left" | "verify_chain">,
  now: number,
): { status: Status; type: string; words: string } {
  const leftMs = certificate.notAfter - now;
  if (leftMs <= 0)
    return { status: "critical", type: "tls.expiry", words: `expired ${formatDuration(-leftMs)} ago` };
  if (certificate.notBefore > now) {
    const words = `is valid only in ${formatDuration(certificate.notBefore - now)}: look at the clock`;
    return { status: "critical", type: "tls.chain", words };
  }
  const why = distrust(certificate, config.verify_chain);
  if (why !== null) return { status: "critical", type: "tls.chain", words: `is not trusted: ${why}` };
  const status = judge(
    leftMs,
    { warning: config.warning_left, critical: config.critical_left, worse: "below" },
    null,
  );
  return { status, type: "tls.expiry", words: `is valid for another ${formatDuration(leftMs)}` };
}

export function createTlsCheck(ctx: PluginContext, config: TlsConfig): Check {
  const { host, port } = config;
  const serverName = config.server_name ?? host;
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const target = probeTarget(ctx, serverName === host ? place : `${serverName} at ${place}`);

  function describe(certificate: ServedCertificate): Result {
    const { status, type, words } = judgeCertificate(certificate, config, ctx.clock.now());
    return {
      target,
      status,
      type,
      summary: oneLine(`the certificate of ${serverName} (${place}, by ${certificate.issuer}) ${words}`),
      ...(config.owner !== undefined && { owner: config.owner }),
      ...networkOf(host),
      labels: { subject: oneLine(certificate.subject, 200), issuer: oneLine(certificate.issuer, 200) },
      metrics: {
        "tls.left_seconds": Math.round((certificate.notAfter - ctx.clock.now()) / 1000),
        "tls.trusted": certificate.trusted ? 1 : 0,
      },
      data: { host, port, serverName, notAfter: new Date(certificate.notAfter).toISOString() },
    };
  }

  return {
    name: "tls_expiry",
    summary: "Certificates that end soon or are not trusted.",
    type: "tls.expiry",
    nature: "fact",
    intervalMs: 3_600_000,
    confirmMs: 0,
    timeoutMs: config.connect_timeout + CHECK_SLACK_MS,
    async run() {
      try {
        const certificate = await ctx.net.certificate(host, port, serverName, config.connect_timeout);
        if (!Number.isFinite(certificate.notAfter) || !Number.isFinite(certificate.notBefore))
          return [{ target, status: "unknown", summary: `${place} shows a certificate without dates` }];
        return [describe(certificate)];
      } catch (error) {
        // Whether the server answers at all is not this check's question.
        return [{ target, status: "unknown", summary: oneLine(messageOf(error)), ...networkOf(host) }];
      }
    },
  };
}
