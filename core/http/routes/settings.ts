import { messageOf } from "cortex";
import * as z from "zod";
import { recorded } from "../../access/audit.ts";
import { AUTONOMY } from "../../config/sections/shared.ts";
import { isTreeAdmin } from "../../domain/access.ts";
import { mostCareful } from "../../domain/level.ts";
import type { Command } from "../../wire/command.ts";
import { isoTime, nodeId, toIso } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import type { Services } from "../services.ts";
import {
  actor,
  ask,
  DONE,
  done,
  named,
  namedNodes,
  nodeOrAll,
  nodeQuery,
  oneNode,
  routeErrors,
  someNodes,
} from "./common.ts";

const tags = ["settings"];

export const settings = z.strictObject({
  repairs: z.boolean().describe("True unless repairs are off on a node"),
  switch: z.enum(["on", "off", "mixed"]).nullable(),
  nodesOff: z.array(z.strictObject({ node: z.string(), nodeName: z.string() })),
  autonomy: z.enum(AUTONOMY).describe("What holds: the more careful one of configuration and API"),
  configuredAutonomy: z.enum(AUTONOMY).describe("`policy.autonomy` of the configuration; nothing loosens it"),
  version: z.string(),
  configFile: z
    .string()
    .nullable()
    .optional()
    .describe(
      "The file the Monitor was started with; null: defaults alone. Told on the machine itself and to admins of everything",
    ),
  configPlace: z
    .string()
    .optional()
    .describe("The same file, or where one would be read from by the next reload. Told to the same people"),
  pluginsDir: z.string().optional().describe("Where plugins of your own are. Told to the same people"),
  transport: z.strictObject({
    tls: z
      .strictObject({
        selfSigned: z.boolean(),
        fingerprint: z.string().describe("SHA-256 of the certificate"),
        publicKeyFingerprint: z.string().describe("SHA-256 of its public key"),
        notAfter: isoTime,
      })
      .nullable()
      .describe("null: plain HTTP"),
    insecure: z
      .boolean()
      .describe("Plain HTTP on more than loopback: passwords and keys can be read on the way"),
  }),
});
export type Settings = z.infer<typeof settings>;

type Autonomy = Settings["autonomy"];
/** Small settings of the Monitor: what was asked of all nodes last. */
const AUTONOMY_KEY = "autonomy";
const autonomyAsked = (services: Services): Autonomy =>
  services.monitor.store.access.settings.get<Autonomy>(AUTONOMY_KEY) ?? "act";

function transportOf(services: Services): Settings["transport"] {
  const { tls, insecure } = services.transport();
  return { insecure, tls: tls && { ...tls, notAfter: toIso(tls.notAfter) } };
}

const switched = z.strictObject({
  node: z.string(),
  nodeName: z.string(),
  ok: z.boolean(),
  message: z.string().nullable().describe("Why a node did not follow"),
});

const reloaded = done.extend({ changed: z.array(z.string()).describe("Sections that differ from before") });
const nodeReload = z.object({ changed: z.array(z.string()).optional() }).nullable();

/** Tell each of them; who does not follow says why. */
function tellAll(
  services: Services,
  nodes: readonly string[],
  command: Command,
): Promise<z.infer<typeof switched>[]> {
  return Promise.all(
    nodes.map(async (node) => {
      const answer = { node, nodeName: services.monitor.nodes.nameOf(node) };
      try {
        await ask(services, node, command);
        return { ...answer, ok: true, message: null };
      } catch (error) {
        return { ...answer, ok: false, message: messageOf(error) };
      }
    }),
  );
}

export const settingsRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/settings",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "getSettings",
    summary: "Master switch, autonomy, version",
    tags,
    response: settings,
    handler({ services, scope, principal }): Settings {
      const off = services.monitor.nodes.items(scope).filter((node) => node.repairs === false);
      return {
        repairs: off.length === 0,
        switch: services.monitor.status(scope).repairs,
        nodesOff: off.map(({ id, name }) => ({ node: id, nodeName: name })),
        autonomy: mostCareful([services.autonomy(), autonomyAsked(services)]),
        configuredAutonomy: services.autonomy(),
        version: services.version,
        transport: transportOf(services),
        // A path of the machine is for those who stand on it, and for who tells them what to change.
        ...((principal.kind === "local" || isTreeAdmin(principal.grants)) && {
          configFile: services.configFile(),
          configPlace: services.configPlace(),
          pluginsDir: services.pluginsDir(),
        }),
      };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/settings/switch",
    access: { permission: "fleet.operate", scope: "objects" },
    objects: ({ body }) => named(body.node),
    operationId: "switchRepairs",
    summary: "Switch repairs on or off: on one node, or on every connected one",
    tags,
    body: z.strictObject({
      repairs: z.boolean(),
      reason: z.string().min(1).max(500),
      node: nodeOrAll,
    }),
    response: z.strictObject({ nodes: z.array(switched) }),
    async handler({ services, principal, scope, body: { repairs, reason, node } }) {
      const { nodes } = services.monitor;
      const ids = someNodes(scope, node);
      services.access.audit("switch", actor(principal), {
        repairs,
        reason,
        nodes: namedNodes(scope, node),
      });
      const command: Command = { type: "switch", repairs, reason, actor: actor(principal) };
      // Asked for one node, its refusal is the answer; asked for all, it is one line of it.
      if (node === "*") return { nodes: await tellAll(services, ids, command) };
      const [only] = ids as [string];
      await ask(services, only, command);
      return { nodes: [{ node: only, nodeName: nodes.nameOf(only), ok: true, message: null }] };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/settings/autonomy",
    access: { permission: "settings.write", scope: "tree" },
    operationId: "setAutonomy",
    summary: "How much all nodes may do by themselves; never more than their own configuration allows",
    tags,
    body: z.strictObject({ autonomy: z.enum(AUTONOMY), reason: z.string().min(1).max(500) }),
    response: z.strictObject({ nodes: z.array(switched) }),
    async handler({ services, principal, body: { autonomy, reason } }) {
      const { monitor, access } = services;
      // Holding back is for everybody who may, at once; letting go is for who is surely there.
      if (mostCareful([autonomy, autonomyAsked(services)]) !== autonomy) access.assertRecent(principal);
      monitor.store.transaction(() => {
        access.audit("autonomy.set", actor(principal), { autonomy, reason });
        monitor.store.access.settings.set(AUTONOMY_KEY, autonomy);
      });
      const command: Command = { type: "autonomy.set", autonomy, reason, actor: actor(principal) };
      return { nodes: await tellAll(services, monitor.nodes.ids(), command) };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/config",
    access: { permission: "settings.read", scope: "objects" },
    objects: ({ query }) => named(query.node),
    operationId: "getConfig",
    summary: "Effective configuration of a node, secrets redacted",
    tags,
    query: z.strictObject({ node: nodeQuery }),
    response: z.record(z.string(), z.unknown()),
    async handler({ services, principal, scope, query }) {
      const node = oneNode(scope, query.node);
      const data = await ask(services, node, { type: "config.show", actor: actor(principal) });
      if (typeof data !== "object" || data === null)
        throw routeErrors.not_found("this node does not show its configuration");
      return data;
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/config/reload",
    access: { permission: "settings.write", scope: "objects" },
    objects: ({ body }) => named(body.node),
    operationId: "reloadConfig",
    summary: "Read the configuration file of a node again; an invalid one changes nothing",
    tags,
    body: z.strictObject({ node: nodeId.optional().describe("May be left out when there is one node") }),
    response: reloaded,
    async handler({ services, principal, scope, body }) {
      // Asked on the machine itself, that machine's own node is meant.
      const here = principal.kind === "local" && scope.has(services.enrol.localNode);
      const node = oneNode(scope, body.node ?? (here ? services.enrol.localNode : undefined));
      const data = await recorded(
        services.access.audit,
        ["config.reloaded", actor(principal), { node }],
        () => ask(services, node, { type: "config.reload", actor: actor(principal) }),
      );
      return { ...DONE, changed: nodeReload.parse(data)?.changed ?? [] };
    },
  }),
];
