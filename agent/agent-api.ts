/**
 * What an agent answers on its unix socket, from its own store: how it stands, and the few acts that must work while its Monitor
 * is out of reach. Everything else is the Monitor's, and the answer says where that is.
 */
import { CortexError, messageOf } from "cortex";
import * as z from "zod";
import { errorResponse } from "../core/http/errors.ts";
import { invalidInput } from "../core/http/door/invalid-input.ts";
import { DEFAULT_LIMIT, pageQuery } from "../core/http/routes/common.ts";
import { type Api, LOCAL } from "../core/http/app.ts";
import { actorOf } from "../core/access/audit.ts";
import { rotateKey } from "../core/access/sealed.ts";
import type { Backups } from "../core/backup/backups.ts";
import { toItem, toList } from "../core/backup/item.ts";
import { verdictOf, verifyOwn } from "../core/monitor/verify.ts";
import type { RootLog } from "../core/ports/log.ts";
import type { Vault } from "../core/ports/secrets/vault.ts";
import type { AgentStore } from "../core/store/agent/agent-store.ts";
import type { Upstream } from "../core/store/upstream.ts";
import type { HttpsUplink } from "../core/uplink/https-uplink.ts";
import { fingerprintWords } from "../core/domain/node-key.ts";
import type { NodeIdentity } from "../core/store/identity.ts";
import type { Command, CommandResult } from "../core/wire/command.ts";
import { toIsoOrNull } from "../core/wire/envelope.ts";
import { intentToWire } from "../core/wire/intent.ts";
import type { InventoryBody } from "../core/wire/inventory.ts";
import { problemToWire } from "../core/wire/problem.ts";
import { VERSION } from "./version.ts";

export interface AgentApiDeps {
  log: RootLog;
  newId: () => string;
  store: AgentStore;
  vault: Vault;
  upstream: Upstream;
  identity: NodeIdentity;
  link: HttpsUplink;
  inventory: () => InventoryBody;
  command: (command: Command) => Promise<CommandResult>;
  backups: Backups;
  /** The file that this program was started with; null when it runs on defaults. */
  configFile: () => string | null;
  /** The same, or where one would be read from. */
  configPlace: () => string;
  pluginsDir: () => string;
  ready: () => boolean;
}

const ACTOR = actorOf(LOCAL);
const page = z.strictObject({ limit: pageQuery.limit });

type Handler = (query: URLSearchParams, body: unknown) => unknown;

export function createAgentApi(deps: AgentApiDeps): Api {
  const { store, identity, link } = deps;
  const origin = () => ({ node: identity.nodeId, nodeName: deps.inventory().name });
  const listed = (items: unknown[]) => ({ items, next: null });
  function limitOf(query: URLSearchParams): number {
    const given = { limit: query.get("limit") ?? undefined };
    const parsed = page.safeParse(given);
    if (!parsed.success) throw invalidInput("query", page, parsed.error, given);
    return parsed.data.limit ?? DEFAULT_LIMIT;
  }

  /** Those of these that are in the query. */
  function given<const Name extends string>(
    query: URLSearchParams,
    ...names: Name[]
  ): Partial<Record<Name, string>> {
    const some = names.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : []));
    return Object.fromEntries(some) as Partial<Record<Name, string>>;
  }

  async function obey(command: Command): Promise<{ ok: true; data: unknown }> {
    const result = await deps.command(command);
    if (!result.ok) throw new CortexError(result.code, result.kind, result.message);
    return { ok: true, data: result.data ?? null };
  }

  const status = () => ({
    monitor: deps.upstream.url,
    node: identity.nodeId,
    key: identity.keyId,
    words: fingerprintWords(identity.publicKey),
    ...link.status(),
    lastAnswerAt: toIsoOrNull(link.status().lastAnswerAt),
    spooled: store.spool.size().rows,
  });

  const handlers: Record<string, Handler> = {
    "GET /healthz": () => ({ ok: true }),
    "GET /readyz": () => {
      if (!deps.ready()) throw new CortexError("http.not_ready", "unavailable", "starting");
      return { ok: true };
    },
    "GET /api/v1/link": status,
    "GET /api/v1/settings": () => ({
      version: VERSION,
      configFile: deps.configFile(),
      configPlace: deps.configPlace(),
      pluginsDir: deps.pluginsDir(),
    }),
    "POST /api/v1/link/rotate": () => obey({ type: "key.rotate", actor: ACTOR }),
    "GET /api/v1/problems": (query) => {
      const found = store.problems.find({ limit: limitOf(query), ...given(query, "id", "state") });
      const evidence = (id: string) => store.evidence.forProblem(id).map((one) => one.id);
      return listed(found.map((one) => ({ ...problemToWire(one, evidence(one.id)), ...origin() })));
    },
    "GET /api/v1/intents": (query) => {
      const found = store.intents.find({ limit: limitOf(query), ...given(query, "id") });
      return listed(found.map((one) => ({ ...intentToWire(one), ...origin() })));
    },
    "GET /api/v1/intents/verify": async () => verdictOf([await verifyOwn(store.ledger, "ledger", origin())]),
    "GET /api/v1/checks": () => listed(deps.inventory().checks.map((one) => ({ ...one, ...origin() }))),
    "GET /api/v1/repairs": () => listed(deps.inventory().repairs.map((one) => ({ ...one, ...origin() }))),
    "GET /api/v1/plugins": () => listed(deps.inventory().plugins.map((one) => ({ ...one, ...origin() }))),
    "GET /api/v1/backups": () => toList(deps.backups),
    "POST /api/v1/backups": async () => {
      const made = await deps.backups.create("asked", ACTOR);
      return { ...toItem(made), withoutKeys: made.withoutKeys };
    },
    "POST /api/v1/secrets/rotate": (_query, body) => {
      const keepOld = (body as { keepOld?: unknown }).keepOld === true;
      return { records: rotateKey(store, deps.vault, { actor: ACTOR, keepOld }), key: deps.vault.where };
    },
    "POST /api/v1/config/reload": async () => {
      const { data } = await obey({ type: "config.reload", actor: ACTOR });
      return { ok: true, changed: (data as { changed?: string[] } | null)?.changed ?? [] };
    },
    "POST /api/v1/inspections": () => obey({ type: "inspect", check: null, actor: ACTOR }),
    "POST /api/v1/settings/switch": async (_query, body) => {
      const { repairs, reason } = body as { repairs?: unknown; reason?: unknown };
      if (typeof repairs !== "boolean" || typeof reason !== "string" || reason === "")
        throw new CortexError("http.body_invalid", "invalid", "needs repairs (true or false) and a reason");
      await obey({ type: "switch", repairs, reason: reason.slice(0, 500), actor: ACTOR });
      return { nodes: [{ ...origin(), ok: true, message: null }] };
    },
  };

  /** The paths that have an id in them. */
  function withId(method: string, pathname: string): Handler | undefined {
    const [, kind, id, act] =
      /^\/api\/v1\/(evidence|problems)\/([0-9a-f-]{36})(\/retry)?$/.exec(pathname) ?? [];
    if (id === undefined) return undefined;
    if (method === "GET" && kind === "evidence" && act === undefined)
      return async () => (await obey({ type: "evidence.get", id, actor: ACTOR })).data;
    // Somebody on the host lets it be repaired again.
    if (method === "POST" && kind === "problems" && act !== undefined)
      return () => obey({ type: "retry", problem: id, actor: ACTOR });
    return undefined;
  }

  const elsewhere = () =>
    new CortexError(
      "agent.no_monitor",
      "not_found",
      `this node is an agent; ask its Monitor: add --url ${deps.upstream.url} --key KEY`,
    );

  return {
    async handle(request) {
      const { pathname, searchParams } = new URL(request.url);
      try {
        const handler = handlers[`${request.method} ${pathname}`] ?? withId(request.method, pathname);
        if (handler === undefined) throw elsewhere();
        const body: unknown = request.method === "GET" ? null : await request.json().catch(() => ({}));
        return Response.json(await handler(searchParams, body));
      } catch (error) {
        if (!(error instanceof CortexError))
          deps.log.error("A request failed.", { reason: messageOf(error) });
        return errorResponse(error, deps.newId(), deps.log);
      }
    },
    start() {},
    stop() {},
  };
}
