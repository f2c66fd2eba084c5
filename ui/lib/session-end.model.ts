/** When a session ends by itself, and what is said about it; times are epoch ms by the server's clock. */

export interface SessionEnd {
  /** When it ends if nothing is asked from now on. */
  idleAt: number;
  /** When it ends in any case. */
  at: number;
  /** How long it lives without use. */
  idleMs: number;
  /** When the server said so. */
  saidAt: number;
}

/** Why somebody is asked to log in: nobody was here, its longest time is over, or it was ended by somebody. */
export const WHYS = ["idle", "longest", "ended"] as const;
export type Why = (typeof WHYS)[number];
export const isWhy = (text: unknown): text is Why => (WHYS as readonly unknown[]).includes(text);

export interface EndNotice {
  why: "idle" | "longest";
  leftMs: number;
}

const NOTICE_MS = 60_000;
/** What can't be put off is said early enough to finish what is under way. */
const LONGEST_NOTICE_MS = 300_000;
const ASK_AGAIN_MS = 5000;
/** Distance between the server's clock and what is known of it. */
const SLACK_MS = 3000;

function nextEnd(end: SessionEnd): { why: EndNotice["why"]; at: number; from: number } {
  const why = end.idleAt < end.at ? "idle" : "longest";
  const at = Math.min(end.idleAt, end.at);
  const lead = Math.min(why === "idle" ? NOTICE_MS : LONGEST_NOTICE_MS, end.idleMs / 3);
  return { why, at, from: at - lead };
}

/** What stands on the page now. Another page may have put the end off: first the server is asked. */
export function noticeOf(end: SessionEnd, now: number): EndNotice | null {
  const { why, at, from } = nextEnd(end);
  return now >= from && end.saidAt >= from ? { why, leftMs: Math.max(0, at - now) } : null;
}

/** Whether the server is to be asked anew when the session ends. `askedAt`: the last time that it was, heard or not. */
export function isToBeAsked(end: SessionEnd, askedAt: number, now: number): boolean {
  return now >= nextEnd(end).from && now - askedAt >= ASK_AGAIN_MS;
}

/** Whether a press is told to the server: not each of them, and often enough for an end that is near. */
export function isToBeKept(end: SessionEnd, now: number): boolean {
  // Nothing puts off the longest time.
  if (end.idleAt >= end.at) return false;
  return now - (end.idleAt - end.idleMs) > Math.min(120_000, end.idleMs / 4);
}

/** Of a session that the server no longer knows. */
export function whyEnded(end: SessionEnd | null, now: number): Why {
  if (end === null || now < Math.min(end.idleAt, end.at) - SLACK_MS) return "ended";
  return nextEnd(end).why;
}
