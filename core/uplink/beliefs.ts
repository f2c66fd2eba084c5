/**
 * Whom this node believes, and the one way to change it: its Monitor, and the keys that decide. A change is on the disk as a note
 * before it takes effect, and in the ledger before that where the ledger is open; what a command changed without it, and what a
 * crash left half done, is finished and written down at the next start, before anything else.
 */
import { canonicalJson } from "../domain/ledger.ts";
import { keyIdOf } from "../domain/node-key.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import type { TrustNote, TrustNotes } from "../store/trust-notes.ts";
import type { Upstream, UpstreamFiles } from "../store/upstream.ts";
import { toIso } from "../wire/envelope.ts";

/** As the ledger names it: no key of a Monitor stands there whole. */
export interface Belief {
  monitor: string;
  key: string;
  decides: string | null;
  refused: string[];
  replaced: string[];
}

export interface TrustLedger {
  /** Write it down once, however often it is asked to. */
  append(
    note: Pick<TrustNote, "id" | "at" | "actor" | "data"> & { kind: string },
    after: Belief | null,
  ): void;
  /** What was written down last; undefined before the first time. */
  known(): Belief | null | undefined;
}

export interface Beliefs {
  /** Errors: `store.identity`, those of the file system. */
  read(): Upstream | null;
  /** Takes effect and is in the ledger when it returns; without a ledger it is noted for the next start. */
  change(what: Pick<TrustNote, "kind" | "actor" | "data">, next: Upstream | null): void;
  /** From here on changes are written down at once; what was noted before, and what nobody noted, is written down now. */
  writeInto(ledger: TrustLedger): void;
}

export const deciderName = (base64: string): string => Buffer.from(base64, "base64").toString("base64url");

export function beliefOf(joined: Upstream | null): Belief | null {
  if (joined === null) return null;
  const { url, publicKey, decisionKey, refusedKeys = [], replacedKeys = [] } = joined;
  return {
    monitor: url,
    key: keyIdOf(Buffer.from(publicKey, "base64")),
    decides: decisionKey && deciderName(decisionKey),
    refused: refusedKeys.map(deciderName),
    replaced: replacedKeys.map(({ key }) => deciderName(key)),
  };
}

const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

/** Only for who holds the folder's lock. Finishes what was begun and did not take effect. */
export function createBeliefs(deps: {
  files: UpstreamFiles;
  notes: TrustNotes;
  now: () => number;
  newId: () => string;
}): Beliefs {
  const { files, notes } = deps;
  let ledger: TrustLedger | null = null;
  finish();

  function finish(): void {
    const pending = notes.pending();
    for (const note of pending) if (!note.isDone) files.replace(note.next);
    if (pending.some(({ isDone }) => !isDone)) notes.keep(pending.map((note) => ({ ...note, isDone: true })));
  }

  function settle(into: TrustLedger): void {
    for (const note of notes.pending()) into.append(note, beliefOf(note.next));
    notes.keep([]);
  }

  /** A damaged file is none that could hold already. */
  function holds(next: Upstream | null): boolean {
    try {
      return same(files.read(), next);
    } catch {
      return false;
    }
  }

  return {
    read: () => files.read(),
    change(what, next) {
      // What could not be finished a moment ago comes first: the same change, tried again, is no second one.
      finish();
      if (ledger !== null) settle(ledger);
      if (holds(next)) return;
      const note: TrustNote = { id: deps.newId(), at: deps.now(), ...what, next, isDone: false };
      const before = notes.pending();
      notes.keep([...before, note]);
      try {
        ledger?.append(note, beliefOf(next));
      } catch (error) {
        notes.keep(before);
        throw error;
      }
      files.replace(next);
      notes.keep(ledger === null ? [...before, { ...note, isDone: true }] : []);
    },
    writeInto(given) {
      ledger = given;
      settle(given);
      const now = beliefOf(files.read());
      const known = given.known();
      if (known === undefined ? now === null : same(known, now)) return;
      const data = { monitor: now?.monitor ?? null, ...now };
      given.append({ id: deps.newId(), at: deps.now(), actor: "engine", kind: "trust.found", data }, now);
    },
  };
}

const KNOWN_KEY = "trust.known";

/** The node's own ledger. */
export function ledgerOf(store: Pick<AgentStore, "transaction" | "meta" | "ledger">): TrustLedger {
  const last = () => store.meta.get<{ note: string; belief: Belief | null }>(KNOWN_KEY);
  return {
    append({ id, at, actor, kind, data }, after) {
      store.transaction(() => {
        if (last()?.note === id) return;
        store.ledger.append(kind, actor, { ...data, at: toIso(at) });
        store.meta.set(KNOWN_KEY, { note: id, belief: after });
      });
    },
    known: () => last()?.belief,
  };
}
