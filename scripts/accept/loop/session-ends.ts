/** A session: how it begins, who may not use it, and that its cookie and its live socket end with it. */
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Scenario } from "../scenario.ts";

const ADMIN = { name: "ada", password: "correct horse battery staple" };

/** Name and value of the session's cookie, and its attributes. */
function cookieOf(headers: Headers): { pair: string; attributes: string[] } {
  const [pair, ...attributes] = (headers.get("set-cookie") ?? "").split("; ");
  return { pair: pair ?? "", attributes: attributes.map((one) => one.toLowerCase()).toSorted() };
}

const scenario: Scenario = {
  name: "session-ends",
  quick: true,
  async run(rig) {
    const cortex = await rig.cortex({ config: {} });
    ensureEqual(
      (await cortex.api("POST", "users", { ...ADMIN, role: "operator" })).status,
      201,
      "POST users",
    );
    const login = (body: object) =>
      cortex.api<{ error?: { message: string } }>("POST", "auth/login", body, { key: null });
    const [wrong, stranger] = [
      await login({ ...ADMIN, password: "wrong" }),
      await login({ ...ADMIN, name: "nobody" }),
    ];
    ensureEqual([wrong.status, stranger.status], [401, 401], "a wrong password, an unknown name");
    ensureEqual(wrong.json.error?.message, stranger.json.error?.message, "what both are told");

    const { status, headers } = await login(ADMIN);
    ensureEqual(status, 200, "login");
    const { pair, attributes } = cookieOf(headers);
    ensure(/^__Host-cortex=[\w-]{20,}$/.test(pair), "login sets no session cookie");
    ensureEqual(attributes, ["httponly", "path=/", "samesite=strict", "secure"], "attributes of the cookie");

    const withCookie = async (method: string, path: string, more: Record<string, string> = {}) =>
      fetch(`${cortex.url}/api/v1/${path}`, {
        method,
        headers: { cookie: pair, ...more },
        ...(method === "POST" ? { body: "{}" } : {}),
      });
    const json = { "content-type": "application/json" };
    ensureEqual((await withCookie("GET", "auth/session")).status, 200, "who is asking, with the cookie");
    ensureEqual((await withCookie("GET", "users")).status, 403, "an operator asks for the users");
    const foreign = await withCookie("POST", "auth/logout", { ...json, origin: "https://evil.example" });
    ensureEqual(foreign.status, 403, "logout asked by a foreign page");
    ensureEqual(
      (await withCookie("POST", "auth/logout", json)).status,
      403,
      "a write that no page asked for",
    );
    ensureEqual((await withCookie("GET", "auth/session")).status, 200, "the session after the refused ones");

    const socket = new (
      WebSocket as unknown as new (url: string, options: { headers: Record<string, string> }) => WebSocket
    )(`${cortex.url.replace("http", "ws")}/api/v1/live`, {
      headers: { cookie: pair, origin: cortex.url },
    });
    const closed = Promise.withResolvers<number>();
    const opened = Promise.withResolvers<void>();
    socket.addEventListener("open", () => opened.resolve());
    socket.addEventListener("close", ({ code }) => closed.resolve(code));
    await opened.promise;
    const out = await withCookie("POST", "auth/logout", { ...json, origin: cortex.url });
    ensureEqual(out.status, 200, "logout");
    ensure(/max-age=0/i.test(out.headers.get("set-cookie") ?? ""), "logout does not take the cookie back");
    ensureEqual((await withCookie("GET", "auth/session")).status, 401, "the old cookie after the logout");
    ensureEqual(await closed.promise, 1008, "how the live socket of that session was closed");
    await cortex.restart();
    ensureEqual((await withCookie("GET", "auth/session")).status, 401, "the old cookie after a restart");
    return "login, refused foreign pages, logout; the cookie and the live socket die with the session";
  },
};

export default scenario;
