/** The same requests to the built binary and to an API in this process: what a control puts a hole into. */
import { join } from "node:path";
import type { AuthProvider, Clock, FactorMethod } from "cortex";
import { createTestApi } from "../../../core/testing/test-api.ts";
import { testProviders } from "../../../core/testing/test-providers.ts";
import { setupToken } from "../face/browser.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { ask, cookieOf, PASSWORD } from "./person.ts";

export interface Door {
  /** Where its pages say they are. */
  origin: string;
  /** Epoch ms there. */
  now(): number;
  /** `session`: `__Host-cortex=…`; the browser's cookie goes along. */
  post(
    path: string,
    body: unknown,
    session?: string,
  ): Promise<{ status: number; json: Said; session: string | null }>;
  /** A session of the first admin, who has no second factor yet. */
  setUp(): Promise<string>;
}

/** The parts of answers that scenarios look at. */
export interface Said {
  ticket: string;
  options: {
    secret: string;
    codes: string[];
    challenge: string;
    rpId: string;
    rp: { id: string };
    user: { id: string };
  };
  next?: { ticket: string };
  error?: { code: string };
}

const BROWSER = "__Host-cortex-browser=acceptance";
export const ADMIN_NAME = "anna";

export function doorOf(cortex: Cortex): Door {
  // By its name: passkeys belong to one.
  const origin = cortex.url.replace("127.0.0.1", "localhost");
  const post: Door["post"] = async (path, body, session) => {
    const cookie = session === undefined ? BROWSER : `${session}; ${BROWSER}`;
    const answer = await ask<Said>(origin, "POST", path, { body, cookie });
    return { status: answer.status, json: answer.json, session: cookieOf(answer) };
  };
  return {
    origin,
    now: Date.now,
    post,
    async setUp() {
      const body = { token: await setupToken(cortex), name: ADMIN_NAME, password: PASSWORD };
      return (await post("auth/setup", body)).session!;
    },
  };
}

/** An API in this process with one factor method made as the control wants it. */
export function doorInside(method: string, create: (clock: Clock) => FactorMethod): Door {
  const provider: AuthProvider = { method, factor: undefined };
  const api = createTestApi({ providers: [...testProviders, provider] });
  provider.factor = create(api.clock);
  const origin = "http://localhost";
  const post: Door["post"] = async (path, body, session) => {
    const cookie = session === undefined ? BROWSER : `${session}; ${BROWSER}`;
    const { status, json, headers } = await api.send("POST", `/api/v1/${path}`, {
      body,
      headers: { cookie, origin },
    });
    const set = headers.getSetCookie();
    return { status, json: json as unknown as Said, session: cookieOf({ headers: { "set-cookie": set } }) };
  };
  return {
    origin,
    now: api.clock.now,
    post,
    async setUp() {
      const body = { token: api.access.setup.createToken()!, name: ADMIN_NAME, password: PASSWORD };
      return (await post("auth/setup", body)).session!;
    },
  };
}

/** By path at run time: a plugin is a folder that can be deleted. */
export const pluginModule = async <T>(rig: Rig, path: string): Promise<T> =>
  (await import(join(rig.root, "plugins", path))) as T;

export async function enrol(
  door: Door,
  session: string,
  method: string,
  answerTo: (options: Said["options"]) => unknown,
): Promise<Said["options"]> {
  const begun = await door.post("me/factors/begin", { method }, session);
  ensureEqual(begun.status, 200, `beginning to add ${method}`);
  const { ticket, options } = begun.json;
  const added = await door.post(
    "me/factors",
    { ticket, name: method, answer: await answerTo(options) },
    session,
  );
  ensureEqual(added.status, 201, `adding ${method}`);
  return options;
}

/** The password was right; what comes next is asked for under this ticket. */
export async function ticketOf(door: Door): Promise<string> {
  const { json } = await door.post("auth/login", { name: ADMIN_NAME, password: PASSWORD });
  return json.next!.ticket;
}
