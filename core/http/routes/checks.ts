/** Checks, their runs, and what else nodes have: repairs and plugins. */
import * as z from "zod";
import { nodesOf } from "../../access/node-scope.ts";
import {
  type CheckItem,
  checkItem,
  inspectionItem,
  pluginItem,
  repairItem,
  withNode,
} from "../../monitor/items.ts";
import type { InventoryKind } from "../../store/monitor/inventory.repository.ts";
import type { Command } from "../../wire/command.ts";
import { recorded } from "../../access/audit.ts";
import { isoTime, nodeId, uuid } from "../../wire/envelope.ts";
import { type Call, defineRoute } from "../route.ts";
import type { Services } from "../services.ts";
import {
  actor,
  ask,
  DEFAULT_LIMIT,
  DONE,
  done,
  listOf,
  named,
  namedNodes,
  nodeOrAll,
  nodeQuery,
  oneNode,
  pageOf,
  pageQuery,
  routeErrors,
  someNodes,
  text,
} from "./common.ts";

/** In an address a check is `name` or `name~instance`, because `/` would end the segment. */
const params = z.strictObject({ id: z.string().min(1).max(200) });
const body = z.strictObject({ node: nodeOrAll });
const query = z.strictObject({ ...pageQuery, node: nodeQuery, id: text("Id") });

interface Holder {
  node: string;
  /** Id under which this node knows the check. */
  check: string;
}

/** Which of the nodes have the check, `name`, `name~instance` or `name/instance`. A name alone stands for all instances. */
function holders({ monitor }: Services, id: string, nodes: string[]): Holder[] {
  const find = (exact: string | undefined) =>
    monitor.store.inventory
      .find({ kind: "check", id: exact, nodes, limit: EVERY })
      .items.map((row) => ({ node: row.nodeId, check: row.body.id, name: row.body.name }));
  let known: (Holder & { name: string })[] = spellings(id).flatMap(find);
  if (known.length === 0) known = find(undefined).filter((one) => one.name === id);
  if (known.length === 0)
    throw routeErrors.not_found("no node has a check of this id; see the list of checks");
  return [...new Map(known.map((one) => [`${one.node} ${one.check}`, one])).values()];
}

const EVERY = 1_000_000;

/** An instance stands behind `~` or `/`. */
const spellings = (id: string): string[] => [...new Set([id, id.replace("~", "/"), id.replace("/", "~")])];

/** Tell those of the nodes that have the check; of several, those that are connected. */
async function tell(
  { services, principal }: Pick<Call, "services" | "principal">,
  id: string,
  nodes: string[],
  command: (check: string, by: string) => Command,
): Promise<void> {
  const known = holders(services, id, nodes);
  const isConnected = ({ node }: Holder) => services.monitor.nodes.item(node)?.connected === true;
  const targets = nodes.length === 1 ? known : known.filter(isConnected);
  if (targets.length === 0) throw routeErrors.not_found("no node that has this check is connected");
  for (const target of targets) await ask(services, target.node, command(target.check, actor(principal)));
}

function inventory(
  { services: { monitor }, scope }: Pick<Call, "services" | "scope">,
  kind: InventoryKind,
  filter: z.infer<typeof query>,
) {
  const { items, next } = monitor.store.inventory.find({
    ...filter,
    // A node that was sent away has nothing that is current; who asks for it sees what it last said.
    nodes: filter.node === undefined ? monitor.nodes.withoutRevoked(nodesOf(scope)) : nodesOf(scope),
    kind,
    limit: filter.limit ?? DEFAULT_LIMIT,
  });
  return { items: items.map((row) => withNode(row, monitor.nodes.nameOf)), next };
}

export const checkRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/checks",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "listChecks",
    summary: "Checks of all nodes with their last run",
    tags: ["checks"],
    query,
    response: pageOf(checkItem),
    handler({ services, scope, query: filter }) {
      const { items, next } = inventory({ services, scope }, "check", filter);
      const { checkRuns } = services.monitor;
      const current = (items as CheckItem[]).map((item) => ({
        ...item,
        ...checkRuns.upToDate(item.node, item),
      }));
      return { items: current, next };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/checks/:id/run",
    access: { permission: "fleet.operate", scope: "objects" },
    objects: ({ body }) => named(body.node),
    operationId: "runCheck",
    summary: "Run a check now",
    tags: ["checks"],
    params,
    body,
    response: done,
    status: 202,
    async handler({ services, principal, scope, params: { id }, body: { node } }) {
      await recorded(
        services.access.audit,
        ["inspection.asked", actor(principal), { check: id, nodes: namedNodes(scope, node) }],
        () =>
          tell({ services, principal }, id, someNodes(scope, node), (check, by) => ({
            type: "inspect",
            check,
            actor: by,
          })),
      );
      return DONE;
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/checks/:id/pause",
    access: { permission: "fleet.operate", scope: "objects" },
    objects: ({ body }) => named(body.node),
    operationId: "pauseCheck",
    summary: "Stop running a check, until a time or until it is resumed",
    tags: ["checks"],
    params,
    body: body.extend({ until: isoTime.nullable().optional().describe("Default: until it is resumed") }),
    response: done,
    async handler({ services, principal, scope, params: { id }, body: { node, until = null } }) {
      await recorded(
        services.access.audit,
        ["check.paused", actor(principal), { check: id, nodes: namedNodes(scope, node), until }],
        () =>
          tell({ services, principal }, id, someNodes(scope, node), (check, by) => ({
            type: "check.pause",
            check,
            until,
            actor: by,
          })),
      );
      return DONE;
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/checks/:id/resume",
    access: { permission: "fleet.operate", scope: "objects" },
    objects: ({ body }) => named(body.node),
    operationId: "resumeCheck",
    summary: "Run a paused check again",
    tags: ["checks"],
    params,
    body,
    response: done,
    async handler({ services, principal, scope, params: { id }, body: { node } }) {
      await recorded(
        services.access.audit,
        ["check.resumed", actor(principal), { check: id, nodes: namedNodes(scope, node) }],
        () =>
          tell({ services, principal }, id, someNodes(scope, node), (check, by) => ({
            type: "check.resume",
            check,
            actor: by,
          })),
      );
      return DONE;
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/inspections",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "listInspections",
    summary: "Runs of checks, newest first; the last 10,000 are kept",
    tags: ["checks"],
    query: z.strictObject({
      ...pageQuery,
      node: nodeQuery,
      check: text("Check name"),
      instance: text("Instance"),
      status: listOf(["ok", "warning", "critical", "unknown", "skipped", "error"], "Outcome"),
    }),
    response: pageOf(inspectionItem),
    handler({ services: { monitor }, scope, query: filter }) {
      const { items, next } = monitor.store.inspections.find({
        ...filter,
        nodes: nodesOf(scope),
        limit: filter.limit ?? DEFAULT_LIMIT,
      });
      return { items: items.map((row) => withNode(row, monitor.nodes.nameOf)), next };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/inspections",
    access: { permission: "fleet.operate", scope: "objects" },
    objects: ({ body }) => named(body.node),
    operationId: "inspect",
    summary: "Inspect now: all checks of a node, or some",
    tags: ["checks"],
    body: z.strictObject({
      node: nodeId.optional().describe("May be left out when there is one node"),
      checks: z.array(z.string().min(1).max(200)).min(1).max(100).optional().describe("Default: all of them"),
    }),
    response: z.strictObject({ id: uuid, node: z.string() }),
    status: 202,
    async handler({ services, principal, scope, body: { node: named, checks } }) {
      const node = oneNode(scope, named);
      const id = services.newId();
      const by = actor(principal);
      // What no node has was not asked for.
      const targets = (checks ?? []).flatMap((check) => holders(services, check, [node]));
      await recorded(
        services.access.audit,
        ["inspection.asked", by, { id, node, checks: checks ?? "*" }],
        async () => {
          if (checks === undefined) await ask(services, node, { type: "inspect", check: null, actor: by });
          for (const { check } of targets) await ask(services, node, { type: "inspect", check, actor: by });
        },
      );
      return { id, node };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/repairs",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "listRepairs",
    summary: "Repairs that nodes hold, with what today's policy makes of them",
    tags: ["repairs"],
    query,
    response: pageOf(repairItem),
    handler: (call) => inventory(call, "repair", call.query),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/plugins",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "listPlugins",
    summary: "Plugins of all nodes with their state",
    tags: ["plugins"],
    query,
    response: pageOf(pluginItem),
    handler: (call) => inventory(call, "plugin", call.query),
  }),
];
