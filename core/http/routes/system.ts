import * as z from "zod";
import { nodeItem, statusItem } from "../../monitor/items.ts";
import { httpErrors } from "../errors.ts";
import { prometheusText } from "../prometheus.ts";
import { defineRoute } from "../route.ts";

const ok = z.strictObject({ ok: z.literal(true) });

export const systemRoutes = [
  defineRoute({
    method: "GET",
    path: "/healthz",
    access: "public",
    operationId: "healthz",
    summary: "The program answers",
    tags: ["system"],
    response: ok,
    handler: () => ({ ok: true }),
  }),
  defineRoute({
    method: "GET",
    path: "/readyz",
    access: "public",
    operationId: "readyz",
    summary: "The program is ready for work: started, and its store answers",
    tags: ["system"],
    response: ok,
    handler({ services }) {
      if (!services.ready()) throw httpErrors.not_ready("not ready");
      services.monitor.store.access.settings.get("ready");
      return { ok: true };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/metrics",
    access: { permission: "fleet.read", scope: "tree", loopback: true },
    operationId: "metrics",
    summary: "Figures of this Monitor in the Prometheus text format",
    tags: ["system"],
    response: { mediaType: "text/plain", description: "Prometheus text format 0.0.4" },
    handler: ({ services }) =>
      new Response(prometheusText(services), {
        headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
      }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/cluster/topology",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "getTopology",
    summary: "The tree of Monitors and nodes; one level so far",
    tags: ["nodes"],
    response: z.strictObject({
      status: statusItem,
      groups: z.array(z.strictObject({ group: z.string().nullable(), nodes: z.array(nodeItem) })),
    }),
    handler({ services: { monitor }, scope }) {
      const groups = new Map<string | null, z.infer<typeof nodeItem>[]>();
      for (const node of monitor.nodes.items(scope))
        groups.set(node.group, [...(groups.get(node.group) ?? []), node]);
      return {
        status: monitor.status(scope),
        groups: [...groups].map(([group, nodes]) => ({ group, nodes })),
      };
    },
  }),
];
