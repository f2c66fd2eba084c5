import { expect, test } from "bun:test";
import { isToBeAsked, isToBeKept, noticeOf, whyEnded, type SessionEnd } from "./session-end.model.ts";

const MINUTE = 60_000;
/** Used last at 0, of half an hour and twelve hours. */
const end = (more: Partial<SessionEnd> = {}): SessionEnd => ({
  idleAt: 30 * MINUTE,
  at: 720 * MINUTE,
  idleMs: 30 * MINUTE,
  saidAt: 0,
  ...more,
});

test("a minute before the end the server is asked, and what it says is shown with the time that is left", () => {
  const at = 29 * MINUTE;
  expect([isToBeAsked(end(), 0, at - 1), isToBeAsked(end(), 0, at)]).toEqual([false, true]);
  expect(noticeOf(end(), at)).toBeNull();
  expect(noticeOf(end({ saidAt: at }), at + 15_000)).toEqual({ why: "idle", leftMs: 45_000 });
});

test("while the notice stands the server is asked every five seconds: another page may have put the end off", () => {
  const at = 29 * MINUTE;
  expect(isToBeAsked(end({ saidAt: at }), at, at + 4999)).toBe(false);
  expect(isToBeAsked(end({ saidAt: at }), at, at + 5000)).toBe(true);
  expect(noticeOf(end({ saidAt: at + 5000, idleAt: at + 5000 + 30 * MINUTE }), at + 5000)).toBeNull();
});

test("of a short session a third is left when the notice comes", () => {
  const short = end({ idleMs: 12_000, idleAt: 12_000, saidAt: 8000 });
  expect(noticeOf(short, 7999)).toBeNull();
  expect(noticeOf(short, 8000)?.leftMs).toBe(4000);
});

test("the longest time of a session is said five minutes before", () => {
  const late = end({ idleAt: 720 * MINUTE, saidAt: 715 * MINUTE });
  expect(noticeOf(late, 714 * MINUTE)).toBeNull();
  expect(noticeOf(late, 716 * MINUTE)).toEqual({ why: "longest", leftMs: 4 * MINUTE });
});

test("a press is told to the server once in two minutes, in a quarter of a short session", () => {
  expect([isToBeKept(end(), 2 * MINUTE), isToBeKept(end(), 2 * MINUTE + 1)]).toEqual([false, true]);
  const short = end({ idleMs: 12_000, idleAt: 12_000 });
  expect([isToBeKept(short, 3000), isToBeKept(short, 3001)]).toEqual([false, true]);
  expect(isToBeKept(end({ idleAt: 720 * MINUTE }), 715 * MINUTE)).toBe(false);
});

test("the login says whether a session ran out or was ended", () => {
  expect(whyEnded(end(), 10 * MINUTE)).toBe("ended");
  expect(whyEnded(end(), 30 * MINUTE)).toBe("idle");
  expect(whyEnded(end({ idleAt: 720 * MINUTE }), 721 * MINUTE)).toBe("longest");
  expect(whyEnded(null, 0)).toBe("ended");
});
