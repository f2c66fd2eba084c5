import * as z from "zod";
import { nodeDetail, nodeItem } from "../../monitor/items.ts";
import { NODE_STATES } from "../../monitor/node-state.ts";
import type { Place } from "../../monitor/known-nodes.ts";
import type { NodeTraits } from "../../monitor/node-views.ts";
import { isoTime, nodeId, toIso } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import {
  DEFAULT_LIMIT,
  listOf,
  pageOf,
  pageQuery,
  routeErrors,
  text,
  timeQuery,
  unknownNode,
} from "./common.ts";

const tags = ["nodes"];
const params = z.strictObject({ id: nodeId });
const HOUR_MS = 3_600_000;
const LONGEST_RANGE_MS = 400 * 24 * HOUR_MS;
const FLEET_STATES: readonly string[] = NODE_STATES.filter(
  (state) => state !== "pending" && state !== "revoked",
);
const MAX_POINTS = 5000;

/** Names sort first, so a cursor is a place in the order and survives nodes that come and go. */
const cursorOf = ({ name, id }: Place): string => Buffer.from(`${name}\u0000${id}`).toString("base64url");

function placeOf(cursor: string): Place {
  const [name = "", id = ""] = Buffer.from(cursor, "base64url").toString().split("\u0000");
  return { name, id };
}

function matches(
  node: NodeTraits,
  query: { state?: string[]; group?: string; tag?: string; text?: string },
): boolean {
  // Those that wait or were sent away are no part of the fleet: they are listed when they are asked for.
  const states = query.state ?? FLEET_STATES;
  if (!states.includes(node.state)) return false;
  if (query.group !== undefined && node.group !== query.group) return false;
  if (query.tag !== undefined && !node.tags.includes(query.tag)) return false;
  if (query.text === undefined) return true;
  const wanted = query.text.toLowerCase();
  const labels = Object.entries(node.labels).map(([name, value]) => `${name}=${value}`);
  return [node.name, node.id, node.os ?? "", ...labels].some((part) => part.toLowerCase().includes(wanted));
}

export const nodeRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/nodes",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "listNodes",
    summary: "Nodes by name",
    tags,
    query: z.strictObject({
      ...pageQuery,
      state: listOf(NODE_STATES, "State; default all but pending and revoked"),
      group: text("Redundancy group"),
      tag: text("Policy tag"),
      text: text("Part of name, id, system or label"),
    }),
    response: pageOf(nodeItem),
    handler({ services, scope, query: { limit = DEFAULT_LIMIT, cursor, ...filter } }) {
      const { items, next } = services.monitor.nodes.page({
        limit,
        after: cursor === undefined ? undefined : placeOf(cursor),
        fits: (node) => (scope.whole || scope.has(node.id)) && matches(node, filter),
      });
      return { items, next: next && cursorOf(next) };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/nodes/:id",
    access: { permission: "fleet.read", scope: "objects" },
    objects: ({ params: { id } }) => [id],
    operationId: "getNode",
    summary: "One node with its newest results",
    tags,
    params,
    response: nodeDetail,
    handler({ services, params: { id } }) {
      const node = services.monitor.nodes.detail(id);
      if (!node) throw unknownNode();
      return node;
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/nodes/:id/metrics",
    access: { permission: "fleet.read", scope: "objects" },
    objects: ({ params: { id } }) => [id],
    operationId: "getNodeMetrics",
    summary: "History of a node's metrics",
    tags,
    params,
    query: z.strictObject({
      from: timeQuery("Start; default one hour before the end"),
      to: timeQuery("End; default now"),
      series: z
        .union([z.string().max(500), z.array(z.string().max(500)).max(50)])
        .optional()
        .describe(
          "Series such as `fs_space:/var:fs.used_ratio`; * stands for anything. Without it: names only",
        ),
      resolution: z
        .union([z.enum(["auto", "raw", "5m"]), z.coerce.number().int().min(1).max(86_400)])
        .optional()
        .describe(
          "Seconds between points, or auto (default): as reported for up to six hours, else 5m means",
        ),
    }),
    response: z.strictObject({
      from: isoTime,
      to: isoTime,
      names: z.array(z.string()).describe("All series of the node: check, target and metric"),
      series: z.array(
        z.strictObject({
          series: z.string(),
          points: z
            .array(z.tuple([z.number(), z.number().nullable()]))
            .describe("Epoch ms and value; null is a gap"),
          band: z
            .array(z.tuple([z.number(), z.number()]).nullable())
            .nullable()
            .describe("At 5m: smallest and largest value, one pair per point"),
        }),
      ),
    }),
    handler({ services, params: { id: node }, query }) {
      const to = query.to ?? services.clock.now();
      const from = query.from ?? to - HOUR_MS;
      if (from >= to || to - from > LONGEST_RANGE_MS)
        throw routeErrors.range("from: must lie before to, by at most 400 days");
      const patterns = [query.series ?? []].flat();
      const { metrics } = services.monitor;
      const { resolution = "auto" } = query;
      const step = typeof resolution === "number" ? resolution * 1000 : resolution;
      if (typeof step === "number" && (to - from) / step > MAX_POINTS)
        throw routeErrors.range(`resolution: gives more than ${MAX_POINTS} points; take a larger one`);
      return {
        from: toIso(from),
        to: toIso(to),
        names: metrics.seriesOf(node),
        series: patterns.length === 0 ? [] : metrics.query(node, patterns, from, to, step),
      };
    },
  }),
];
