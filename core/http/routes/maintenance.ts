import * as z from "zod";
import { recorded } from "../../access/audit.ts";
import { maintenanceItem } from "../../monitor/items.ts";
import { isoTime, nodeId } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import { actor, ask, DONE, done, named, nodeQuery, oneNode, pageOf, routeErrors } from "./common.ts";

const tags = ["maintenance"];

export const maintenanceRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/maintenance",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "listMaintenance",
    summary: "Maintenance windows that run or are to come",
    tags,
    query: z.strictObject({ node: nodeQuery }),
    response: pageOf(maintenanceItem),
    handler({ services: { monitor }, scope, query }) {
      const ids = query.node === undefined ? scope.ids() : [query.node].filter(scope.has);
      return { items: ids.flatMap((id) => monitor.nodes.maintenance(id)), next: null };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/maintenance",
    access: { permission: "fleet.operate", scope: "objects" },
    objects: ({ body }) => named(body.node),
    operationId: "addMaintenance",
    summary: "Repair and tell nothing about a check or target for a while",
    tags,
    body: z.strictObject({
      node: nodeId.optional().describe("May be left out when there is one node"),
      check: z.string().min(1).max(100).describe("Check name, or * for all"),
      target: z.string().min(1).max(1000).describe("Target, or * for all"),
      from: isoTime.optional().describe("Default: now"),
      until: isoTime,
      reason: z.string().min(1).max(1000),
    }),
    response: z.strictObject({ id: z.uuid(), node: z.string() }),
    status: 201,
    async handler({ services, principal, scope, body: { node: wanted, from: start, ...window } }) {
      const node = oneNode(scope, wanted);
      const from = start ?? new Date(services.clock.now()).toISOString();
      if (Date.parse(window.until) <= Date.parse(from)) throw routeErrors.range("until: must lie after from");
      const id = services.newId();
      await recorded(
        services.access.audit,
        ["maintenance.added", actor(principal), { id, node, ...window, from }],
        () => ask(services, node, { type: "maintenance.add", id, ...window, from, actor: actor(principal) }),
      );
      return { id, node };
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/maintenance/:id",
    access: { permission: "fleet.operate", scope: "objects" },
    objects: ({ query }) => named(query.node),
    operationId: "removeMaintenance",
    summary: "End a maintenance window",
    tags,
    params: z.strictObject({ id: z.string().min(1).max(100) }),
    query: z.strictObject({ node: nodeQuery }),
    response: done,
    async handler({ services, principal, scope, params: { id }, query }) {
      const { nodes } = services.monitor;
      const holder = scope.ids().find((node) => nodes.maintenance(node).some((window) => window.id === id));
      const node = query.node ?? holder;
      if (node === undefined) throw routeErrors.not_found("no maintenance window has this id; see the list");
      await recorded(services.access.audit, ["maintenance.removed", actor(principal), { id, node }], () =>
        ask(services, node, { type: "maintenance.remove", id, actor: actor(principal) }),
      );
      return DONE;
    },
  }),
];
