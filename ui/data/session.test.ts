import { expect, test } from "bun:test";
import { ApiError } from "./api.ts";
import { createSession } from "./session.ts";
import type { Session } from "./types.ts";

const MINUTE = 60_000;
const iso = (ms: number) => new Date(Date.now() + ms).toISOString();
const anna = (idleMs: number): Session => ({
  user: { name: "anna", role: "admin", kind: "user", grants: [], permissions: [] },
  mustEnrol: false,
  ends: { idleAt: iso(idleMs), at: iso(720 * MINUTE), idleSeconds: 1800 },
});
const refused = new ApiError("http.unauthenticated", 401, "no session");

/** A store over an API that answers in turn. */
function house(...answers: (Session | ApiError)[]) {
  const told: string[] = [];
  const answer = async () => {
    const next = answers.shift()!;
    if (next instanceof ApiError) throw next;
    return next;
  };
  const session = createSession(
    { session: answer, login: answer, setup: answer, logout: async () => ({ endUrl: null }) },
    { tellOthers: () => told.push("changed") },
  );
  return { session, told };
}

test("a browser that was never logged in is asked to, without a word about a session", async () => {
  const { session } = house(refused);
  await session.check();
  expect(session.state()).toEqual({ kind: "out", why: null });
});

test("who logged out is not told that the session ended, and the other pages hear of it", async () => {
  const { session, told } = house(anna(30 * MINUTE));
  await session.login("anna", "x");
  await session.logout();
  expect(session.state()).toEqual({ kind: "out", why: null });
  expect(told).toEqual(["changed", "changed"]);
});

test("a session that the server refuses says whether its time was over or somebody ended it", async () => {
  const { session } = house(anna(30 * MINUTE), anna(0), refused);
  await session.check();
  session.ended();
  expect(session.state()).toEqual({ kind: "out", why: "ended" });
  await session.check();
  await session.check();
  expect(session.state()).toEqual({ kind: "out", why: "idle" });
});

test("staying asks the server until when, and the other pages hear of it", async () => {
  const { session, told } = house(anna(MINUTE), anna(30 * MINUTE));
  await session.check();
  expect(told).toEqual([]);
  await session.stay();
  expect(session.end()!.idleAt - Date.now()).toBeGreaterThan(29 * MINUTE);
  expect(told).toEqual(["changed"]);
});

test("who is in stays in while the Monitor does not answer", async () => {
  const { session } = house(anna(30 * MINUTE), new ApiError("client.unreachable", 0, "gone"));
  await session.check();
  await session.check();
  expect(session.state().kind).toBe("in");
});
