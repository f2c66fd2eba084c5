/** T60: whatever ends a session, a key or a token ends it at once, with its live sockets, and for good. */
import { join } from "node:path";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { ask, cookieOf, logIn, openSocket, PASSWORD } from "./person.ts";

/** A door has to be shut within this; what is left of it is this machine being busy. */
const AT_ONCE_MS = 1000;

interface Bob {
  id: string;
  name: string;
  cookie: string;
}

type End = (cortex: Cortex, bob: Bob) => Promise<number>;
const status = async (answer: Promise<{ status: number }>) => (await answer).status;

const WAYS: Record<string, End> = {
  logout: ({ url }, { cookie }) => status(ask(url, "POST", "auth/logout", { cookie, body: {} })),
  "new password set by an admin": (cortex, { id }) =>
    status(cortex.api("PATCH", `users/${id}`, { password: "another horse battery staple" })),
  "new password of one's own, elsewhere": async ({ url }, { name }) => {
    const cookie = cookieOf(await logIn(url, name)) ?? "";
    const password = { current: PASSWORD, new: "a third horse battery staple" };
    return status(ask(url, "PATCH", "me", { cookie, body: { password } }));
  },
  "another role": (cortex, { id }) => status(cortex.api("PATCH", `users/${id}`, { role: "viewer" })),
  "no role": (cortex, { id }) => status(cortex.api("PATCH", `users/${id}`, { grants: [] })),
  "account disabled": (cortex, { id }) => status(cortex.api("PATCH", `users/${id}`, { disabled: true })),
  "account deleted": (cortex, { id }) => status(cortex.api("DELETE", `users/${id}`)),
  "session revoked by an admin": async (cortex, { name }) => {
    const { json } = await cortex.api<{ items: { id: string; user: string }[] }>("GET", "sessions");
    const session = json.items.find(({ user }) => user === name);
    return status(cortex.api("DELETE", `sessions/${session?.id}`));
  },
  "ended on the command line": async (cortex, { name }) =>
    (await cortex.cli("session", "end", "--user", name)).code === 0 ? 200 : 500,
  "all sessions of the user revoked": (cortex, { id }) =>
    status(cortex.api("DELETE", `users/${id}/sessions`)),
};

/** `base`: where people and programs talk to. */
async function people(cortex: Cortex, base: string, sockets: boolean): Promise<number[]> {
  const took: number[] = [];
  for (const [at, [what, end]] of Object.entries(WAYS).entries()) {
    const name = `bob${at}`;
    const made = await cortex.api<{ id: string }>("POST", "users", {
      name,
      password: PASSWORD,
      role: "operator",
    });
    ensureEqual(made.status, 201, `make ${name}`);
    const cookie = cookieOf(await logIn(cortex.url, name)) ?? "";
    const who = () => status(ask(base, "GET", "auth/session", { cookie }));
    ensureEqual(await who(), 200, `${what}: the session before`);
    const socket = sockets ? await openSocket(base, { cookie, origin: base }) : null;
    ensureEqual(await end(cortex, { id: made.json.id, name, cookie }), 200, what);
    const ended = now();
    ensureEqual(await who(), 401, `the old cookie right after: ${what}`);
    if (socket) {
      await until(() => !socket.isOpen, {
        what: `the socket is closed: ${what}`,
        timeoutMs: AT_ONCE_MS,
        everyMs: 2,
      });
      ensureEqual(await socket.closed, 1008, `close code: ${what}`);
    }
    took.push(now() - ended);
  }
  return took;
}

async function keys(cortex: Cortex): Promise<number> {
  let doors = 0;
  const make = async (more: object = {}) =>
    (
      await cortex.api<{ id: string; secret: string }>("POST", "keys", {
        name: "ci",
        role: "viewer",
        ...more,
      })
    ).json;
  const may = (key: string) => status(ask(cortex.url, "GET", "nodes", { key }));
  for (const [what, end] of Object.entries({
    "key deleted": (id: string) => cortex.api("DELETE", `keys/${id}`),
    "key rotated": (id: string) => cortex.api("POST", `keys/${id}/rotate`, {}),
  })) {
    const { id, secret } = await make();
    const made = await ask<{ token: string }>(cortex.url, "POST", "auth/token", { key: secret, body: {} });
    ensureEqual(made.status, 201, "POST auth/token");
    const { token } = made.json;
    ensureEqual([await may(secret), await may(token)], [200, 200], `${what}: key and token before`);
    const socket = await openSocket(cortex.url, { authorization: `Bearer ${token}` });
    ensureEqual((await end(id)).status, 200, what);
    ensureEqual([await may(secret), await may(token)], [401, 401], `key and token right after: ${what}`);
    await until(() => !socket.isOpen, {
      what: `the token's socket is closed: ${what}`,
      timeoutMs: AT_ONCE_MS,
    });
    doors += 3;
  }
  return doors;
}

/** Idle and absolute end in seconds, as an operator would set them. */
async function byTime(rig: Rig): Promise<void> {
  const cortex = await rig.cortex({ config: { server: { session_idle: "2s", session_max: "5s" } } });
  await cortex.api("POST", "users", { name: "bob", password: PASSWORD, role: "viewer" });
  const open = async () => cookieOf(await logIn(cortex.url, "bob")) ?? "";
  const [idle, busy] = [await open(), await open()];
  const started = now();
  const who = (cookie: string) => status(ask(cortex.url, "GET", "auth/session", { cookie }));
  let last = 200;
  while (last === 200 && now() - started < 8000) {
    await pause(250);
    last = await who(busy);
  }
  const lived = now() - started;
  ensureEqual(last, 401, "a session that is in use all the time, after its absolute end");
  ensure(lived > 4500 && lived < 6500, `a busy session lived for ${inTime(lived)}, not for 5 s`);
  ensureEqual(await who(idle), 401, "a session that was not used for 2 s");
}

/** What widens power asks for a proof; the proof gives the session a new value, and the one before is dead. */
async function byProof(rig: Rig): Promise<void> {
  const cortex = await rig.cortex({ config: { server: { session_recent: "1s" } } });
  const { url } = cortex;
  await cortex.api("POST", "users", { name: "ada", password: PASSWORD, role: "admin" });
  const cookie = cookieOf(await logIn(url, "ada")) ?? "";
  await pause(1200);
  const make = (by: string) =>
    ask<{ error: { code: string } }>(url, "POST", "keys", {
      cookie: by,
      body: { name: "ci", role: "admin" },
    });
  const late = await make(cookie);
  ensureEqual([late.status, late.json.error.code], [403, "auth.reauthenticate"], "an admin's key, unproved");
  ensureEqual(await status(ask(url, "GET", "keys", { cookie })), 200, "reading, unproved");
  const prove = (password: string) => ask(url, "POST", "auth/reauthenticate", { cookie, body: { password } });
  ensureEqual((await prove("not the password at all")).status, 400, "a wrong proof");
  const proved = await prove(PASSWORD);
  const renewed = cookieOf(proved) ?? "";
  ensureEqual(
    [proved.status, renewed !== "" && renewed !== cookie],
    [200, true],
    "the proof and its new cookie",
  );
  ensureEqual(await status(make(renewed)), 201, "an admin's key, proved");
  ensureEqual(
    await status(ask(url, "GET", "auth/session", { cookie })),
    401,
    "the cookie from before the proof",
  );
}

const scenario: Scenario = {
  name: "sessions-end-at-once",
  quick: true,
  timeoutMs: 120_000,
  async run(rig) {
    const cortex = await rig.cortex();
    const took = await people(cortex, cortex.url, true);
    const doors = await keys(cortex);
    const { json } = await cortex.api<{ ok: boolean }>("GET", "audit/verify");
    ensure(json.ok, "the audit chain does not hold");
    await byTime(rig);
    await byProof(rig);
    return `${took.length} ways to end a session, ${doors} doors of keys and tokens; slowest ${inTime(Math.max(...took))}; idle and absolute end hold; power asks for a proof`;
  },
  /** A front that asks once who a cookie belongs to and believes it from then on, as self-contained tokens do. */
  async control(rig) {
    const cortex = await rig.cortex();
    const believed = new Set<string>();
    const front = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      async fetch(request) {
        const { pathname, search } = new URL(request.url);
        const cookie = request.headers.get("cookie") ?? "";
        if (believed.has(cookie))
          return fetch(`http://localhost${pathname}${search}`, { unix: join(cortex.dataDir, "cortex.sock") });
        const answer = await fetch(`${cortex.url}${pathname}${search}`, { headers: { cookie } });
        if (answer.ok) believed.add(cookie);
        return answer;
      },
    });
    rig.atEnd(() => front.stop(true));
    await people(cortex, `http://127.0.0.1:${front.port}`, false);
    return "every session ended";
  },
};

export default scenario;
