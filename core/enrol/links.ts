/**
 * The Monitor's end of the link to each remote node: sessions, by which a second host with the same key gives itself away, and
 * commands, which wait here until the node's long poll fetches them.
 */
import { type Clock, defineErrors } from "cortex";
import { randomToken, sameDigest, sha256 } from "../access/secrets.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { EnrolmentRow } from "../store/monitor/enrolment.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Command, CommandResult } from "../wire/command.ts";
import type { LinkAnswer, LinkRequest } from "../wire/link-messages.ts";
import { messageErrors } from "./messages.ts";

export const linkErrors = defineErrors("link", {
  late: "conflict",
  session_ended: "conflict",
  ended: "unavailable",
});

/** Nodes date their messages by this Monitor's clock; more than this ahead is another time's date. */
const CLOCK_SLACK_MS = 10_000;
/** A node that has not polled for this long can't be asked anything. */
const POLL_GAP_MS = 45_000;
/** Asked for and not answered: more than this and the node is not fetching. */
const MAX_COMMANDS = 100;

/** As long as the Monitor waits for an answer. */
const COMMAND_LIFE_MS = 30_000;

interface Waiting {
  command: Command;
  resolve: (result: CommandResult) => void;
}

interface Link {
  commands: Map<string, Waiting>;
  /** Ends the poll that waits now. */
  wake: () => void;
  /** Counts the sessions: a poll of an earlier one is over. Commands outlive them. */
  turn: number;
  ended: Error | null;
  cancelGap: () => void;
  close: () => void;
}

export interface Links {
  /**
   * Begin a session; `ts` is when the node signed this. Errors: `link.late` (an older one, held back on its way),
   * `node.quarantined` (the node does not know the last session: another host had it).
   */
  connect(node: string, session: string | null, ts: number): { session: string };
  /** A message belongs to the session in use, or `link.session_ended`. */
  assertSession(node: string, session: string): void;
  /** Answers in, commands out; waits for commands up to `waitSeconds`. */
  exchange(
    node: string,
    request: Pick<LinkRequest, "answers" | "running" | "waitSeconds">,
    signal: AbortSignal,
  ): Promise<LinkAnswer["commands"]>;
  /** Close what a node has open. */
  end(node: string): void;
  stop(): void;
}

export interface LinksDeps {
  clock: Clock;
  store: MonitorStore;
  monitor: Monitor;
  newId: () => string;
  quarantine: (node: string, reason: string) => void;
  /** Only for a control of the tests: what happens without the guard. */
  unguarded?: boolean;
}

export function createLinks(deps: LinksDeps): Links {
  const { clock, store, monitor } = deps;
  const { nodes } = store.enrolment;
  const links = new Map<string, Link>();

  function open(node: string): Link {
    const existing = links.get(node);
    if (existing) return existing;
    const commands = new Map<string, Waiting>();
    const uplink = monitor.connect(node);
    const link: Link = {
      commands,
      wake: () => {},
      turn: 0,
      ended: null,
      cancelGap: () => {},
      close: () => uplink.close(),
    };
    links.set(node, link);
    uplink.onCommand((command) => {
      if (commands.size >= MAX_COMMANDS)
        return Promise.resolve({
          ok: false,
          code: "link.busy",
          kind: "unavailable",
          message: "this node has not answered what it was asked before; try again later",
        });
      const { promise, resolve } = Promise.withResolvers<CommandResult>();
      const id = deps.newId();
      // Whoever asked has been told by then that there was no answer: it must not happen an hour later.
      const cancel = clock.after(COMMAND_LIFE_MS, () => commands.delete(id));
      commands.set(id, {
        command,
        resolve(result) {
          cancel();
          resolve(result);
        },
      });
      link.wake();
      return promise;
    });
    return link;
  }

  function end(node: string, why: Error): void {
    const link = links.get(node);
    if (!link) return;
    links.delete(node);
    link.ended = why;
    link.cancelGap();
    link.close();
    link.wake();
    for (const { resolve } of link.commands.values())
      resolve({
        ok: false,
        code: "link.ended",
        kind: "unavailable",
        message: "the node went away meanwhile",
      });
  }

  function required(node: string): EnrolmentRow {
    const row = nodes.get(node);
    if (row === null) throw messageErrors.signature("this node has not joined here");
    return row;
  }

  /** The session that this node may come with: what it last got, or, when that answer was lost, the one before. */
  function isKnown(row: EnrolmentRow, session: string | null): boolean {
    if (row.session === null && (session === null || row.nextSession === null)) return true;
    const digest = session === null ? null : sha256(session);
    return (
      digest !== null && (sameDigest(digest, row.session ?? "") || sameDigest(digest, row.nextSession ?? ""))
    );
  }

  /** The poll stays open this long, or until there is something to say. */
  function nextEvent(link: Link, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, done);
      link.wake = done;
      signal.addEventListener("abort", done, { once: true });
      function done() {
        cancel();
        signal.removeEventListener("abort", done);
        if (link.wake === done) link.wake = () => {};
        resolve();
      }
    });
  }

  return {
    connect(node, session, ts) {
      const row = required(node);
      // A time still to come was written before this machine's clock was set back: it says nothing any more.
      if (ts <= row.connectTs && row.connectTs <= clock.now() + CLOCK_SLACK_MS)
        throw linkErrors.late("a newer connection was made already; this one was held back on its way");
      if (!isKnown(row, session) && !deps.unguarded) {
        deps.quarantine(node, "two hosts use the key of this node");
        throw messageErrors.quarantined(
          "two hosts use this node's key; on the Monitor: cortex nodes release",
        );
      }
      const fresh = randomToken();
      const shown = session === null ? null : sha256(session);
      const confirmed = shown !== null && shown === row.nextSession ? shown : row.session;
      store.transaction(() =>
        nodes.change(node, { session: confirmed, nextSession: sha256(fresh), connectTs: ts }),
      );
      const link = links.get(node);
      if (link) {
        link.turn += 1;
        link.wake();
      }
      return { session: fresh };
    },
    assertSession(node, session) {
      const row = required(node);
      const digest = sha256(session);
      if (sameDigest(digest, row.nextSession ?? "")) {
        store.transaction(() => nodes.change(node, { session: digest, nextSession: null }));
        return;
      }
      if (!sameDigest(digest, row.session ?? "") && !deps.unguarded)
        throw linkErrors.session_ended("this session is over; connect again");
    },
    async exchange(node, { answers, running, waitSeconds }, signal) {
      const link = open(node);
      link.cancelGap();
      for (const { id, result } of answers) {
        link.commands.get(id)?.resolve(result as CommandResult);
        link.commands.delete(id);
      }
      const known = new Set(running);
      const wanted = () => [...link.commands].filter(([id]) => !known.has(id));
      const { turn } = link;
      const until = clock.monotonic() + waitSeconds * 1000;
      for (;;) {
        if (link.ended !== null) throw link.ended;
        if (link.turn !== turn) throw linkErrors.session_ended("another connection of this node took over");
        const left = until - clock.monotonic();
        if (wanted().length > 0 || left <= 0 || signal.aborted) break;
        link.wake();
        await nextEvent(link, left, signal);
      }
      link.cancelGap();
      link.cancelGap = clock.after(POLL_GAP_MS, () => end(node, linkErrors.ended("the node stopped asking")));
      return wanted().map(([id, { command }]) => ({ id, command }));
    },
    end: (node) => end(node, linkErrors.session_ended("this connection was closed")),
    stop() {
      for (const node of links.keys()) end(node, linkErrors.ended("the Monitor stops"));
    },
  };
}
