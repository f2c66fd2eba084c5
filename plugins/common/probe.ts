/** What plugins share whose instances each probe one declared thing: a port, a URL, a certificate. */
import type { PluginContext } from "cortex";
import * as z from "zod";

/** Who answers for what is probed; repairs act on it. */
export const ownerField = z
  .string()
  .regex(/^[a-z][a-z0-9-]*:\S.{0,250}$/, { error: 'must be an owner such as "unit:nginx.service"' })
  .optional()
  .describe("Who answers for it, and is repaired when it fails: unit:nginx.service, process:shop.");

export const portNumber = z.number().int().min(1).max(65_535);

/** A name the operator gave says more than an address; an instance without one is called after what it probes. */
export const probeTarget = (ctx: PluginContext, fallback: string): string =>
  ctx.instance === "default" ? fallback : ctx.instance;

/** 127.0.0.0/8, ::1 and localhost need no network. Brackets as in URLs are allowed. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, "");
  return (
    name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d+){3}$/.test(name)
  );
}

/** Another host's answer says nothing while this one's default route is gone. */
export const networkOf = (host: string): { dependsOn?: string[] } =>
  isLoopbackHost(host) ? {} : { dependsOn: ["network:default"] };
