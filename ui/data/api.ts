/** The API as the dashboard sees it: typed paths over fetch, one error type, a hook for ended sessions. */
import type {
  AuthMethods,
  EvidenceBundle,
  LadderItem,
  Metrics,
  NextStep,
  NodeDetail,
  Page,
  Resource,
  Resources,
  Session,
  Settings,
  Switched,
  Verification,
} from "./types.ts";

/** `code` is the server's (`auth.bad_password`), or one of the two below that only a client can know. */
export class ApiError extends Error {
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The server's log has the details under this id. */
  readonly id: string | null;
  /** Seconds to wait, where the server says so. */
  readonly retryAfterS: number | null;

  constructor(
    code: string,
    status: number,
    message: string,
    more: { id?: string | null; retryAfterS?: number | null } = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.id = more.id ?? null;
    this.retryAfterS = more.retryAfterS ?? null;
  }
}
export const UNREACHABLE = "client.unreachable";
const REAUTHENTICATE = "auth.reauthenticate";
export const BAD_ANSWER = "client.bad_answer";

const TIMEOUT_MS = 10_000;

export interface ApiOptions {
  fetch?: typeof fetch;
  /** Called when a call other than the session's own says that nobody is logged in. */
  onUnauthenticated?: () => void;
  /** Called when an act wants a fresh proof of who one is; true: proved, the act is tried once more. */
  onReauthenticate?: () => Promise<boolean>;
  /** Whether nobody is at the page: then asking keeps no session alive. */
  isUnattended?: () => boolean;
  /** Called with the server's clock, epoch ms, whenever an answer carries one. */
  onServerTime?: (ms: number) => void;
}

type Query = Record<string, string | number | undefined>;

export function createApi(options: ApiOptions = {}) {
  const send = options.fetch ?? ((input: RequestInfo | URL, init?: RequestInit) => fetch(input, init));

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    try {
      return await once<T>(method, path, body);
    } catch (error) {
      const wanted = error instanceof ApiError && error.code === REAUTHENTICATE;
      if (!wanted || (await options.onReauthenticate?.()) !== true) throw error;
      return once<T>(method, path, body);
    }
  }

  async function once<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init: RequestInit = { method, credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS) };
    if (body !== undefined) init.body = JSON.stringify(body);
    init.headers = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(options.isUnattended?.() === true ? { "cortex-unattended": "1" } : {}),
    };
    let response: Response;
    try {
      response = await send(`/api/v1/${path}`, init);
    } catch {
      throw new ApiError(UNREACHABLE, 0, "the Monitor does not answer");
    }
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) options.onServerTime?.(date);
    if (response.status === 401 && !path.startsWith("auth/")) options.onUnauthenticated?.();
    const text = await response.text().catch(() => "");
    return readAnswer<T>(response.status, text, Number(response.headers.get("retry-after") ?? 0));
  }

  return {
    /** For features that ask for things of their own: method, path behind `/api/v1/`, body. */
    call,
    /** How one can log in; `setup`: the first admin is still to be made. */
    methods: () => call<AuthMethods>("GET", "auth/methods"),
    session: () => call<Session>("GET", "auth/session"),
    /** A session, or what else is needed for one. */
    login: (name: string, password: string) =>
      call<Session | NextStep>("POST", "auth/login", { name, password }),
    /** Good for five minutes. */
    reauthenticate: (password: string) => call<unknown>("POST", "auth/reauthenticate", { password }),
    logout: () => call<{ endUrl: string | null }>("POST", "auth/logout", {}),
    /** Creates the first admin; `token` is what the first run printed. */
    setup: (token: string, name: string, password: string) =>
      call<Session>("POST", "auth/setup", { token, name, password }),
    /** Refused with `auth.setup_token` or `auth.setup_done` when the link is no longer good. */
    checkSetup: (token: string) => call<unknown>("POST", "auth/setup/check", { token }),
    list: <R extends Resource>(resource: R, query: Query = {}) =>
      call<Page<Resources[R]>>("GET", resource + queryString(query)),
    one: <R extends Resource>(resource: R, id: string) =>
      call<Resources[R]>("GET", `${resource}/${encodeURIComponent(id)}`),
    settings: () => call<Settings>("GET", "settings"),
    /** Who decides now. */
    judges: () => call<LadderItem>("GET", "judges"),
    /** Master switch of every connected node; who did not follow says why. */
    switchRepairs: (repairs: boolean, reason: string) =>
      call<{ nodes: Switched[] }>("POST", "settings/switch", { repairs, reason, node: "*" }),
    /** What all nodes may do by themselves; the configuration is never loosened. */
    setAutonomy: (autonomy: Settings["autonomy"], reason: string) =>
      call<{ nodes: Switched[] }>("POST", "settings/autonomy", { autonomy, reason }),
    /** With its newest results. */
    node: (id: string) => call<NodeDetail>("GET", `nodes/${encodeURIComponent(id)}`),
    /** History of the series that match; `resolution` in seconds, or as reported. */
    metrics: (
      id: string,
      series: readonly string[],
      from: number,
      to: number,
      resolution: number | "raw",
    ) => {
      const query = new URLSearchParams(series.map((pattern) => ["series", pattern]));
      query.set("from", new Date(from).toISOString());
      query.set("to", new Date(to).toISOString());
      query.set("resolution", String(resolution));
      return call<Metrics>("GET", `nodes/${encodeURIComponent(id)}/metrics?${query.toString()}`);
    },
    /** Effective configuration of a node, secrets redacted. */
    config: (node: string) => call<Record<string, unknown>>("GET", `config${queryString({ node })}`),
    /** All checks of a node, or the named ones. */
    inspect: (node: string, checks?: string[]) =>
      call<{ id: string }>("POST", "inspections", { node, checks }),
    /** Of one node; `until` null: until it is resumed. A check's instance stands behind `~` in an address. */
    pauseCheck: (id: string, node: string, until: string | null) =>
      call<unknown>("POST", `checks/${checkPath(id)}/pause`, { node, until }),
    resumeCheck: (id: string, node: string) =>
      call<unknown>("POST", `checks/${checkPath(id)}/resume`, { node }),
    /** Hash every entry of every connected node again. */
    verify: (node?: string) => call<Verification>("GET", `intents/verify${queryString({ node })}`),
    evidence: (id: string, node: string) =>
      call<EvidenceBundle>("GET", `evidence/${encodeURIComponent(id)}${queryString({ node })}`),
    /** Whether the Monitor answers at all; no session is touched by asking. */
    isAlive: async (): Promise<boolean> => {
      try {
        return (await send("/healthz", { signal: AbortSignal.timeout(TIMEOUT_MS) })).ok;
      } catch {
        return false;
      }
    },
  };
}
export type Api = ReturnType<typeof createApi>;

/** Answers are JSON, errors are `{ error: { code, message, id } }`; anything else is not our server speaking. */
export function readAnswer<T>(status: number, text: string, retryAfterS = 0): T {
  let body: unknown;
  try {
    body = text === "" ? null : JSON.parse(text);
  } catch {
    throw new ApiError(BAD_ANSWER, status, `unexpected answer with status ${status}`);
  }
  if (status >= 200 && status < 300) return body as T;
  const error = (body as { error?: { code?: unknown; message?: unknown; id?: unknown } } | null)?.error;
  if (typeof error?.code !== "string")
    throw new ApiError(BAD_ANSWER, status, `unexpected answer with status ${status}`);
  const id = typeof error.id === "string" ? error.id : null;
  throw new ApiError(error.code, status, String(error.message ?? error.code), {
    id,
    retryAfterS: retryAfterS > 0 ? retryAfterS : null,
  });
}

const checkPath = (id: string): string => encodeURIComponent(id.replace("/", "~"));

export function queryString(query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) params.set(key, String(value));
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
