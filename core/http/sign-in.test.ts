import { describe, expect, test } from "bun:test";
import type { ExternalIdentity } from "cortex";
import { createFakeRedirect, fakeBackup, fakeFactor, fakePasskey } from "../testing/fake-sign-in.ts";
import { ADMIN_PASSWORD, createTestApi, type TestApi, type TestApiOptions } from "../testing/test-api.ts";
import { type Answer, cookieOf, type Json } from "../testing/test-call.ts";
import { testProviders } from "../testing/test-providers.ts";
import { rotateKey } from "../access/sealed.ts";
import { safePath } from "./routes/sign-in.ts";

const BROWSER = "a-browser";
const from = (browser: string) => ({ cookie: `__Host-cortex-browser=${browser}` });

function createHouse(options: TestApiOptions = {}) {
  const api = createTestApi({
    providers: [...testProviders, fakeFactor, fakePasskey, fakeBackup],
    ...options,
  });
  const post = (path: string, body: unknown, browser = BROWSER, ip?: string) =>
    api.send("POST", `/api/v1/${path}`, { body, ip, headers: from(browser) });
  /** Cookies of a session and of the browser together. */
  const inside = (method: string, path: string, session: string, body?: unknown) =>
    api.send(method, `/api/v1/${path}`, {
      body,
      headers: {
        cookie: `__Host-cortex=${session}; __Host-cortex-browser=${BROWSER}`,
        origin: "http://localhost",
      },
    });
  const password = (name = "anna", browser = BROWSER, ip?: string) =>
    post("auth/login", { name, password: ADMIN_PASSWORD }, browser, ip);

  async function enrol(session: string, method: string, answer: object): Promise<Answer> {
    const { json } = await inside("POST", "me/factors/begin", session, { method });
    return inside("POST", "me/factors", session, { ticket: json["ticket"], name: "mine", answer });
  }
  /** Anna, an admin with a second factor, and the session in which she enrolled it. */
  async function withFactor() {
    const session = await api.setUp();
    const added = await enrol(session, "fake", { code: "s3cret-0" });
    expect(added.status).toBe(201);
    return { session, factor: added.json.id };
  }
  async function ticketOf(browser = BROWSER, ip?: string): Promise<string> {
    const { json } = await password("anna", browser, ip);
    return stepOf(json).ticket;
  }
  const second = (ticket: string, code: string, browser = BROWSER, ip?: string) =>
    post("auth/factor", { ticket, method: "fake", answer: { code } }, browser, ip);
  const kinds = () => api.store.ledger.read(0, 1000).map((entry) => entry.kind);
  return { api, post, inside, password, enrol, withFactor, ticketOf, second, kinds };
}

/** What a login that needs a second factor answers. */
const stepOf = (json: Json) => json["next"] as unknown as { ticket: string };

const isIn = async (api: TestApi, session: string) =>
  (await api.send("GET", "/api/v1/auth/session", { cookie: session })).status === 200;

describe("a second factor", () => {
  test("once enrolled, the password alone opens nothing, and both together do", async () => {
    const { api, password, withFactor, second, ticketOf, kinds } = createHouse();
    await withFactor();
    const first = await password();
    expect(first.status).toBe(200);
    expect(cookieOf(first)).toBe("");
    expect(first.json["next"]).toMatchObject({
      factors: [{ method: "fake", kind: "second", prompt: "code" }],
    });
    const done = await second(await ticketOf(), "s3cret-1");
    expect(done.json["user"]).toMatchObject({ name: "anna" });
    expect(await isIn(api, cookieOf(done))).toBe(true);
    expect(kinds()).toContain("factor.added");
  });

  test("T62 one code opens one session, also when it comes twice at the same moment", async () => {
    const { withFactor, second, ticketOf, api } = createHouse();
    await withFactor();
    const tickets = [await ticketOf(), await ticketOf()];
    const answers = await Promise.all(tickets.map((ticket) => second(ticket, "s3cret-1")));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
    await api.clock.advance(60_000);
    expect((await second(await ticketOf(), "s3cret-1")).status).toBe(401);
  });

  test("T62 after five wrong answers the ticket is over, and the account's wait counts all addresses together", async () => {
    const { withFactor, second, ticketOf, api, kinds } = createHouse();
    await withFactor();
    const ticket = await ticketOf();
    for (let n = 0; n < 5; n += 1)
      expect((await second(ticket, "wrong", BROWSER, `10.0.1.${n}`)).json.error.code).toBe(
        "auth.factor_wrong",
      );
    await api.clock.advance(120_000);
    expect((await second(ticket, "s3cret-1")).json.error.code).toBe("auth.ticket_unknown");
    expect(kinds().filter((kind) => kind === "auth.factor_failed").length).toBe(5);
    // From the sixth on each costs a wait, wherever it comes from.
    const next = await ticketOf(BROWSER, "10.0.2.1");
    await second(next, "wrong", BROWSER, "10.0.2.1");
    const held = await second(next, "s3cret-1", BROWSER, "10.0.2.2");
    expect(held.json.error.code).toBe("auth.too_many_tries");
    expect(Number(held.headers.get("retry-after"))).toBeGreaterThan(14);
    await api.clock.advance(31_000);
    expect((await second(next, "s3cret-1", BROWSER, "10.0.2.2")).status).toBe(200);
  });

  test("T62 somebody who guesses at one account's factor holds up nobody else", async () => {
    const { api, withFactor, second, ticketOf, password, inside } = createHouse();
    const { session } = await withFactor();
    await inside("POST", "users", session, { name: "bert", password: ADMIN_PASSWORD, role: "viewer" });
    const ticket = await ticketOf();
    for (let n = 0; n < 5; n += 1) await second(ticket, "wrong");
    expect((await password("bert")).json["user"]).toMatchObject({ name: "bert" });
    expect(api.store.access.lockouts.get("bert|10.0.0.9")).toBeNull();
  });

  test("T63 a wrong password is answered alike with and without a second factor", async () => {
    const { withFactor, inside, post } = createHouse();
    const { session } = await withFactor();
    await inside("POST", "users", session, { name: "bert", password: ADMIN_PASSWORD, role: "viewer" });
    const answers = await Promise.all(
      ["anna", "bert", "nobody"].map((name) => post("auth/login", { name, password: "wrong wrong wrong" })),
    );
    expect(
      new Set(answers.map(({ status, json }) => `${status} ${json.error.code} ${json.error.message}`)).size,
    ).toBe(1);
  });

  test("T59 a ticket is worth nothing in another browser, after its time, and for another purpose", async () => {
    const { api, withFactor, second, ticketOf, post } = createHouse();
    await withFactor();
    const ticket = await ticketOf();
    expect((await second(ticket, "s3cret-1", "another-browser")).json.error.code).toBe("auth.ticket_unknown");
    const alone = await post("auth/fakekey/finish", { ticket, answer: {} });
    expect(alone.json.error.code).toBe("auth.ticket_unknown");
    expect((await second("", "s3cret-1")).status).toBe(400);
    await api.clock.advance(301_000);
    expect((await second(ticket, "s3cret-1")).json.error.code).toBe("auth.ticket_unknown");
  });

  test("control: without the tie to the browser, a ticket works anywhere", async () => {
    const { withFactor, second, ticketOf } = createHouse({ bindToBrowser: false });
    await withFactor();
    expect((await second(await ticketOf(), "s3cret-1", "another-browser")).status).toBe(200);
  });

  test("a factor whose plugin is off keeps its owner out: nothing is weaker by being switched off", async () => {
    const providers = [...testProviders, fakeFactor];
    const { withFactor, password, api, kinds } = createHouse({ providers });
    await withFactor();
    providers.pop();
    expect((await password()).json.error.code).toBe("auth.factor_unusable");
    const anna = api.store.access.users.byName("anna")!;
    expect(api.access.resetFactors(anna.id, LOCAL)).toBe(1);
    expect((await password()).json["user"]).toMatchObject({ name: "anna" });
    expect(kinds()).toContain("factor.reset");
  });

  test("a new password, whoever sets it, leaves the second factor where it is", async () => {
    const { api, post, withFactor } = createHouse();
    await withFactor();
    const { id } = api.store.access.users.byName("anna")!;
    const local = { kind: "local", id: "local", name: "local", role: "admin", grants: [] } as const;
    const fresh = "a quite different pass phrase";
    const body = { password: fresh };
    expect((await api.send("PATCH", `/api/v1/users/${id}`, { principal: local, body })).status).toBe(200);
    const answer = await post("auth/login", { name: "anna", password: fresh });
    expect(cookieOf(answer)).toBe("");
    expect(answer.json["next"]).toMatchObject({ factors: [{ method: "fake" }] });
  });

  test("T91 what is kept of a factor and of an open question is sealed for its row", async () => {
    const { api, withFactor, inside } = createHouse();
    const { session } = await withFactor();
    await inside("POST", "me/factors/begin", session, { method: "fake" });
    const anna = api.store.access.users.byName("anna")!;
    for (const { id, data } of api.store.signIn.factors.ofUser(anna.id)) {
      expect(data).not.toContain("s3cret");
      expect(api.vault.open("factors.data", id, data)).toContain("s3cret");
      expect(() => api.vault.open("factors.data", `${id}x`, data)).toThrow("belongs to another row");
    }
  });
});

const LOCAL = { kind: "local", id: "local", name: "local", role: "admin", grants: [] } as const;

test("T95 a new key takes all sealed records of signing in with it", async () => {
  const { api, withFactor, inside, second, ticketOf } = createHouse();
  const { session } = await withFactor();
  await inside("POST", "me/factors/begin", session, { method: "fake" });
  const ticket = await ticketOf();
  expect(rotateKey(api.store, api.vault, { actor: "local", keepOld: false })).toBe(3);
  expect((await second(ticket, "s3cret-1")).status).toBe(200);
});

describe("one's own factors", () => {
  test("adding and removing one ends the other sessions and keeps this one", async () => {
    const { api, password, enrol, inside, second, ticketOf } = createHouse();
    const session = await api.setUp();
    const other = cookieOf(await password());
    await enrol(session, "fake", { code: "s3cret-0" });
    expect([await isIn(api, session), await isIn(api, other)]).toEqual([true, false]);
    const third = cookieOf(await second(await ticketOf(), "s3cret-1"));
    const [item] = (await inside("GET", "me/factors", session)).json.items;
    expect(item).toMatchObject({ method: "fake", name: "mine", kind: "second", about: { uses: 1 } });
    expect((await inside("DELETE", `me/factors/${item!.id}`, session)).status).toBe(200);
    expect([await isIn(api, session), await isIn(api, third)]).toEqual([true, false]);
    expect((await password()).json["user"]).toMatchObject({ name: "anna" });
  });

  test("both need a proof of the last five minutes", async () => {
    const { api, withFactor, inside } = createHouse();
    const { session, factor } = await withFactor();
    await api.clock.advance(301_000);
    for (const [method, path, body] of [
      ["POST", "me/factors/begin", { method: "fake" }],
      ["DELETE", `me/factors/${factor}`, undefined],
    ] as const)
      expect((await inside(method, path, session, body)).json.error.code).toBe("auth.reauthenticate");
  });

  test("T55 nobody removes another's factor, and keys have none", async () => {
    const { api, withFactor, inside, password } = createHouse();
    const { session, factor } = await withFactor();
    await inside("POST", "users", session, { name: "bert", password: ADMIN_PASSWORD, role: "admin" });
    const bert = cookieOf(await password("bert"));
    const foreign = await inside("DELETE", `me/factors/${factor}`, bert);
    const unknown = await inside("DELETE", "me/factors/none", bert);
    expect([foreign.status, foreign.json.error.code, foreign.json.error.message]).toEqual([
      404,
      unknown.json.error.code,
      unknown.json.error.message,
    ]);
    const key = await api.createKey("viewer");
    expect((await api.send("GET", "/api/v1/me/factors", { key })).json.error.code).toBe(
      "auth.session_needed",
    );
  });

  test("a wrong answer at enrolment is a 400 and may be tried again; the ticket of one person is not another's", async () => {
    const { api, inside, password } = createHouse();
    const session = await api.setUp();
    await inside("POST", "users", session, { name: "bert", password: ADMIN_PASSWORD, role: "viewer" });
    const bert = cookieOf(await password("bert"));
    const { json } = await inside("POST", "me/factors/begin", session, { method: "fake" });
    const finish = (by: string, code: string) =>
      inside("POST", "me/factors", by, { ticket: json["ticket"], name: "app", answer: { code } });
    expect((await finish(session, "nope")).status).toBe(400);
    expect((await finish(bert, "s3cret-0")).status).toBe(400);
    expect((await finish(session, "s3cret-0")).status).toBe(201);
    expect((await finish(session, "s3cret-0")).status).toBe(401);
  });

  test("backup codes need a second factor, stand in for it once, and go with the last one", async () => {
    const { api, enrol, inside, post, ticketOf } = createHouse();
    const early = await inside("POST", "me/factors/begin", await api.setUp(), { method: "fakebackup" });
    expect(early.json.error.code).toBe("auth.second_factor_first");
    const session = cookieOf(await post("auth/login", { name: "anna", password: ADMIN_PASSWORD }));
    const { json } = await enrol(session, "fake", { code: "s3cret-0" });
    await enrol(session, "fakebackup", {});
    await enrol(session, "fakebackup", {});
    const items = (await inside("GET", "me/factors", session)).json.items;
    expect(items.map(({ kind }) => kind).toSorted()).toEqual(["backup", "second"]);
    const paper = async () =>
      post("auth/factor", { ticket: await ticketOf(), method: "fakebackup", answer: { code: "paper" } });
    expect((await paper()).status).toBe(200);
    expect((await paper()).status).toBe(401);
    await inside("DELETE", `me/factors/${json.id}`, session);
    expect((await inside("GET", "me/factors", session)).json.items).toEqual([]);
  });
});

describe("proving again that it is oneself", () => {
  test("by password or by factor, and then for five minutes", async () => {
    const { api, withFactor, inside, kinds } = createHouse();
    let { session } = await withFactor();
    const isRecent = async () =>
      (await inside("POST", "me/factors/begin", session, { method: "fake" })).status === 200;
    await api.clock.advance(301_000);
    expect(await isRecent()).toBe(false);
    expect((await inside("GET", "auth/reauthenticate", session)).json as unknown).toEqual({
      password: true,
      factors: [{ method: "fake", kind: "second", prompt: "code" }],
      redirects: [],
    });
    const prove = async (body: object) => {
      const answer = await inside("POST", "auth/reauthenticate", session, body);
      const before = session;
      session = cookieOf(answer);
      // As at a login, the value from before is worth nothing any more.
      expect([session === before, await isIn(api, before), await isIn(api, session)]).toEqual([
        false,
        false,
        true,
      ]);
      return answer.status;
    };
    expect(await prove({ password: ADMIN_PASSWORD })).toBe(200);
    expect(await isRecent()).toBe(true);
    await api.clock.advance(301_000);
    const { json } = await inside("POST", "auth/reauthenticate/begin", session, { method: "fake" });
    const answer = { ticket: json["ticket"], answer: { code: "s3cret-1" } };
    expect(await prove(answer)).toBe(200);
    expect(await isRecent()).toBe(true);
    expect(kinds().filter((kind) => kind === "auth.reauthenticated").length).toBe(2);
  });

  test("T62 wrong ones are counted as at the login, written down, and end no session", async () => {
    const { api, withFactor, inside, kinds } = createHouse();
    const { session } = await withFactor();
    for (let n = 0; n < 5; n += 1)
      expect(
        (await inside("POST", "auth/reauthenticate", session, { password: "wrong" })).json.error.code,
      ).toBe("auth.password_wrong");
    expect((await inside("POST", "auth/reauthenticate", session, { password: ADMIN_PASSWORD })).status).toBe(
      429,
    );
    expect(kinds().filter((kind) => kind === "auth.login_failed").length).toBe(5);
    expect(await isIn(api, session)).toBe(true);
  });

  test("keys and the local administrator have nothing to prove", async () => {
    const { api } = createHouse();
    const key = await api.createKey("admin");
    for (const call of [{ key }, { principal: LOCAL }])
      expect(
        (await api.send("POST", "/api/v1/auth/reauthenticate", { ...call, body: { password: "x" } })).json
          .error.code,
      ).toBe("auth.not_again");
  });
});

describe("where the policy asks for a second factor", () => {
  test("a session without one is good for adding it and for nothing else", async () => {
    for (const policy of ["all", "admins"] as const) {
      const { api, enrol, inside } = createHouse({ requireSecondFactor: () => policy });
      const session = await api.setUp();
      expect((await inside("GET", "auth/session", session)).json["mustEnrol"]).toBe(true);
      expect((await inside("GET", "nodes", session)).json.error.code).toBe("http.second_factor");
      expect((await inside("GET", "users", session)).json.error.code).toBe("http.second_factor");
      const live = await api.live({ cookie: session, headers: { origin: "http://localhost" } });
      expect(live.response?.status).toBe(403);
      const { json } = await enrol(session, "fake", { code: "s3cret-0" });
      expect((await inside("GET", "auth/session", session)).json["mustEnrol"]).toBe(false);
      expect((await inside("GET", "nodes", session)).status).toBe(200);
      expect((await inside("DELETE", `me/factors/${json.id}`, session)).json.error.code).toBe(
        "auth.factor_needed",
      );
    }
  });

  test("it takes effect on sessions that are open, and only on those it is about", async () => {
    let policy: "none" | "admins" = "none";
    const { api, inside, password } = createHouse({ requireSecondFactor: () => policy });
    const session = await api.setUp();
    await inside("POST", "users", session, { name: "bert", password: ADMIN_PASSWORD, role: "operator" });
    const bert = cookieOf(await password("bert"));
    policy = "admins";
    expect((await inside("GET", "nodes", session)).status).toBe(403);
    expect((await inside("GET", "nodes", bert)).status).toBe(200);
  });
});

describe("a passkey alone", () => {
  async function withPasskey(options: TestApiOptions = {}) {
    const house = createHouse(options);
    const session = await house.api.setUp();
    await house.enrol(session, "fakekey", { handle: "h1" });
    const begin = async () =>
      (await house.post("auth/fakekey/begin", {})).json as unknown as {
        ticket: string;
        options: { question: string };
      };
    const finish = (ticket: string, answer: object, browser = BROWSER) =>
      house.post("auth/fakekey/finish", { ticket, answer }, browser);
    return { ...house, begin, finish };
  }

  test("opens a strong session without a name", async () => {
    const { api, begin, finish } = await withPasskey({ requireSecondFactor: () => "all" });
    const { ticket, options } = await begin();
    const done = await finish(ticket, { handle: "h1", ...options });
    expect(done.json).toMatchObject({ user: { name: "anna" }, mustEnrol: false });
    expect(await isIn(api, cookieOf(done))).toBe(true);
  });

  test("T62 each question is answered once, in the browser that was asked, by a passkey that is known", async () => {
    const { begin, finish, api, kinds } = await withPasskey();
    const first = await begin();
    expect((await finish(first.ticket, { handle: "h1", ...first.options }, "another-browser")).status).toBe(
      401,
    );
    expect((await finish(first.ticket, { handle: "h1", ...first.options })).status).toBe(200);
    expect((await finish(first.ticket, { handle: "h1", ...first.options })).status).toBe(401);
    const second = await begin();
    expect((await finish(second.ticket, { handle: "unknown", ...second.options })).json.error.code).toBe(
      "auth.factor_wrong",
    );
    expect((await finish(second.ticket, { handle: "h1", ...second.options })).json.error.code).toBe(
      "auth.ticket_unknown",
    );
    const anna = api.store.access.users.byName("anna")!;
    api.store.access.users.change(anna.id, { disabled: true });
    const third = await begin();
    expect((await finish(third.ticket, { handle: "h1", ...third.options })).json.error.code).toBe(
      "auth.factor_wrong",
    );
    expect(kinds().filter((kind) => kind === "auth.login_failed").length).toBe(2);
  });

  test("after the password it is a second factor, with a question of its own", async () => {
    const { post, password } = await withPasskey();
    const { ticket } = stepOf((await password()).json);
    const asked = await post("auth/factor/begin", { ticket, method: "fakekey" });
    const answer = { handle: "h1", ...(asked.json["options"] as object) };
    expect((await post("auth/factor", { ticket, method: "fakekey", answer })).status).toBe(200);
  });

  test("T62 asking is bounded per address", async () => {
    const { post } = await withPasskey();
    let last: Answer | null = null;
    for (let n = 0; n < 61; n += 1) last = await post("auth/fakekey/begin", {});
    expect(last!.status).toBe(429);
    expect(last!.headers.has("retry-after")).toBe(true);
  });

  test("a factor that is not made for it opens nothing alone", async () => {
    const { post } = await withPasskey();
    for (const method of ["fake", "password", "none"])
      expect((await post(`auth/${method}/begin`, {})).json.error.code).toBe("auth.no_method");
  });
});

describe("an identity provider", () => {
  const ADMIN = [{ role: "admin", scope: "*" }] as const;
  function createWithProvider(
    people: Record<string, Partial<ExternalIdentity>>,
    options: TestApiOptions = {},
  ) {
    const house = createHouse({ providers: [...testProviders, createFakeRedirect(people)], ...options });
    const begin = async (browser = BROWSER, to = "/nodes?q=1") => {
      const { json } = await house.post("auth/fakeid/start", { to }, browser);
      return new URL(json["url"] as string).searchParams.get("state")!;
    };
    const back = (state: string, code: string, browser: string | null = BROWSER) =>
      house.api.send("GET", `/api/v1/auth/fakeid/callback?code=${code}&state=${state}`, {
        headers: browser === null ? {} : from(browser),
      });
    const signIn = async (code: string) => back(await begin(), code);
    return { ...house, begin, back, signIn };
  }
  const failure = (answer: Answer) => answer.headers.get("location");

  test("makes an account at the first sign-in, with what the groups give, and leads where the person wanted to go", async () => {
    const { api, signIn, kinds } = createWithProvider({ carla: { grants: [...ADMIN] } });
    await api.setUp();
    const done = await signIn("carla");
    expect([done.status, failure(done)]).toEqual([303, "/nodes?q=1"]);
    expect(done.headers.get("set-cookie")).toContain("SameSite=Strict");
    expect(await isIn(api, cookieOf(done))).toBe(true);
    expect(api.store.access.users.byName("carla")).toMatchObject({ grants: ADMIN, passwordHash: null });
    await signIn("carla");
    expect(kinds().filter((kind) => kind === "user.created").length).toBe(1);
  });

  test("T59 what one browser began can't be finished in another, nor twice, nor with somebody else's state", async () => {
    const { begin, back } = createWithProvider({ eve: { grants: [...ADMIN] }, anna2: { grants: [] } });
    const state = await begin("eves-browser");
    for (const browser of ["victims-browser", null])
      expect(failure(await back(state, "eve", browser))).toBe("/login?failed=auth.ticket_unknown");
    expect((await back(state, "eve", "eves-browser")).status).toBe(303);
    expect(failure(await back(state, "eve", "eves-browser"))).toBe("/login?failed=auth.ticket_unknown");
    expect(failure(await back("", "eve"))).toBe("/login?failed=auth.ticket_unknown");
  });

  test("control: without the tie to the browser, a victim is logged in as somebody else", async () => {
    const { api, begin, back } = createWithProvider(
      { eve: { grants: [...ADMIN] } },
      { bindToBrowser: false },
    );
    const answer = await back(await begin("eves-browser"), "eve", "victims-browser");
    expect(await isIn(api, cookieOf(answer))).toBe(true);
  });

  test("who has lost the groups loses the role and every session at the next sign-in", async () => {
    const people: Record<string, Partial<ExternalIdentity>> = { carla: { grants: [...ADMIN] } };
    const { api, signIn } = createWithProvider(people);
    await api.setUp();
    const before = cookieOf(await signIn("carla"));
    people["carla"] = { grants: [{ role: "viewer", scope: "*" }] };
    const now = cookieOf(await signIn("carla"));
    expect(await isIn(api, before)).toBe(false);
    expect((await api.send("GET", "/api/v1/users", { cookie: now })).status).toBe(403);
    people["carla"] = { grants: null };
    expect(failure(await signIn("carla"))).toBe("/login?failed=auth.external_unmapped");
    expect(await isIn(api, now)).toBe(false);
    expect(api.store.access.users.byName("carla")?.grants).toEqual([]);
  });

  test("a name that exists here is not taken over, and the account hangs on the subject, not on the name", async () => {
    const people: Record<string, Partial<ExternalIdentity>> = { x: { name: "anna", grants: [...ADMIN] } };
    const { api, signIn } = createWithProvider(people);
    await api.setUp();
    expect(failure(await signIn("x"))).toBe("/login?failed=auth.external_name_taken");
    people["x"] = { name: "carla", grants: [...ADMIN] };
    await signIn("x");
    people["x"] = { name: "renamed", grants: [...ADMIN] };
    await signIn("x");
    expect(api.store.access.users.all().map(({ name }) => name)).toEqual(["anna", "carla"]);
    people["y"] = { name: "carla", grants: [...ADMIN] };
    expect(failure(await signIn("y"))).toBe("/login?failed=auth.external_name_taken");
  });

  test("nobody is let in whom the provider does not vouch for, who is disabled, or of whom no group is known", async () => {
    const { api, signIn, kinds } = createWithProvider({
      carla: { grants: [...ADMIN] },
      dan: { grants: null },
    });
    expect(failure(await signIn("nobody"))).toBe("/login?failed=auth.external_failed");
    expect(failure(await signIn("dan"))).toBe("/login?failed=auth.external_unmapped");
    expect(api.store.access.users.byName("dan")).toBeNull();
    await signIn("carla");
    const carla = api.store.access.users.byName("carla")!;
    api.store.access.users.change(carla.id, { disabled: true });
    expect(failure(await signIn("carla"))).toBe("/login?failed=auth.external_failed");
    expect(kinds()).toContain("auth.login_failed");
  });

  test("acts that need a recent proof need one that the provider speaks of", async () => {
    const people: Record<string, Partial<ExternalIdentity>> = { carla: { grants: [...ADMIN] } };
    const { api, signIn } = createWithProvider(people);
    const begin = async (cookie: string) =>
      (await api.send("POST", "/api/v1/me/factors/begin", { cookie, body: { method: "none" } })).json.error
        .code;
    expect(await begin(cookieOf(await signIn("carla")))).toBe("auth.reauthenticate");
    people["carla"] = { grants: [...ADMIN], authAt: api.clock.now() };
    expect(await begin(cookieOf(await signIn("carla")))).toBe("auth.no_factor_method");
  });

  test("logging out says where to log out as well, and that address is kept sealed", async () => {
    const endUrl = "https://id.example/end?id_token_hint=abc";
    const { api, signIn, inside } = createWithProvider({ carla: { grants: [...ADMIN], endUrl } });
    const session = cookieOf(await signIn("carla"));
    expect(api.store.access.sessions.all()[0]!.endUrl).not.toContain("abc");
    expect((await inside("POST", "auth/logout", session, {})).json["endUrl"]).toBe(endUrl);
  });

  test("removing the user forgets who it was at the provider", async () => {
    const { api, signIn } = createWithProvider({ carla: { grants: [...ADMIN] } });
    await api.setUp();
    await signIn("carla");
    const carla = api.store.access.users.byName("carla")!;
    api.access.accounts.removeUser(carla.id, LOCAL);
    await signIn("carla");
    expect(api.store.access.users.byName("carla")!.id).not.toBe(carla.id);
  });
});

test("the login page is told of all the ways, and of none that is not there", async () => {
  const house = createHouse({ providers: [...testProviders, fakePasskey, createFakeRedirect({})] });
  expect((await house.api.send("GET", "/api/v1/auth/methods")).json as unknown).toEqual({
    methods: ["password"],
    alone: [{ method: "fakekey", kind: "second", prompt: "webauthn" }],
    redirects: [{ method: "fakeid", label: "Fake ID" }],
    setup: true,
  });
});

test.each([
  ["/nodes?q=1#x", "/nodes?q=1#x"],
  ["/", "/"],
  [undefined, "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  ["/a\nset-cookie: b", "/"],
  ["/api/v1/auth/x/callback", "/"],
])("after the way back, %j leads to %j", (to, path) => expect(safePath(to)).toBe(path));
