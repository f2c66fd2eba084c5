/**
 * The helper's memory: one append-only file, a line for each thing, on the disk before anything happens that it speaks of. Each
 * line names the hash of the one before it, so that a line that was changed or taken out is seen at the next start. What was refused
 * without end is folded (journal-fold.ts).
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { canonicalJson, sha256Hex } from "../../domain/ledger.ts";
import type { TimeMark } from "../../domain/problem.ts";
import { elapsed } from "../../domain/time-mark.ts";
import { syncPath } from "../durable.ts";
import { storeErrors, withStoreErrors } from "../errors.ts";
import { writeDurably } from "../key-file.ts";
import { type JournalLine, journalLine } from "./journal-line.ts";
import { fold, FOLD_LIMITS, type FoldLimits, isFoldable } from "./journal-fold.ts";

const DOMAIN = "cortex.helper.v1\0";
const FIRST = "0".repeat(64);

export interface Began {
  intent: string;
  /** Null for what was done without an approval. */
  nonce: string | null;
  verb: string;
  target: string;
  /** Boot, and milliseconds since it began; lines of earlier versions have none. */
  boot?: string;
  up?: number;
}

export interface HelperJournal {
  /** On the disk when it returns. Errors: `store.full`, `store.io`. */
  append(kind: JournalLine["kind"], data: Record<string, unknown>): void;
  /** Whether an act was ever begun with it. */
  isUsed(nonce: string): boolean;
  /** Whether an act was ever begun for it. */
  isBegun(intent: string): boolean;
  /** Acts begun within these milliseconds, by the clock that does not jump; see `elapsed` for those of an earlier boot. */
  begunWithin(ms: number): { verb: string; target: string }[];
  /** Begun and neither ended nor found interrupted: the helper ended in between. */
  unfinished(): string[];
  entries(): number;
  close(): void;
}

/**
 * A line that was not written to its end is cut off: what it would have announced never began. Errors: `store.corrupt` when a
 * line does not follow from the one before it.
 */
export function openJournal(path: string, mark: () => TimeMark, limits = FOLD_LIMITS): HelperJournal {
  return withStoreErrors(path, () => {
    const isNew = !existsSync(path);
    const fd = openSync(path, MODE | constants.O_CREAT, 0o600);
    if (isNew) syncPath(dirname(path));
    const text = readFileSync(fd, "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) ftruncateSync(fd, Buffer.byteLength(whole));
    return createJournal(fd, path, readLines(whole, path), mark, limits);
  });
}

const MODE = constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW;

/** Every line of it, checked. Errors: `store.corrupt`. */
export function readLines(text: string, path: string): JournalLine[] {
  const lines: JournalLine[] = [];
  for (const one of text.split("\n").slice(0, -1)) {
    const found = journalLine.safeParse(parsed(one)).data;
    const before = lines.at(-1);
    const fits =
      found !== undefined &&
      found.seq === (before?.seq ?? 0) + 1 &&
      found.prev === (before?.hash ?? FIRST) &&
      found.hash === hashOf(found);
    if (!fits)
      throw storeErrors.corrupt(
        `${path} was changed at line ${lines.length + 1}; find out who did that, then move the file away`,
      );
    lines.push(found);
  }
  return lines;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const hashOf = ({ hash: _, ...rest }: JournalLine) => sha256Hex(DOMAIN + canonicalJson(rest));

/** The line after `last`, as it will be read again: without what JSON leaves out. */
function lineAfter(last: JournalLine | null, entry: Pick<JournalLine, "at" | "kind" | "data">): JournalLine {
  const { at, kind, data } = entry;
  const unsigned = { seq: (last?.seq ?? 0) + 1, at, kind, data, prev: last?.hash ?? FIRST, hash: "" };
  const plain = JSON.parse(JSON.stringify(unsigned)) as JournalLine;
  return { ...plain, hash: hashOf(plain) };
}

const bytesOf = (one: JournalLine) => Buffer.from(`${JSON.stringify(one)}\n`);

function createJournal(
  opened: number,
  path: string,
  before: readonly JournalLine[],
  mark: () => TimeMark,
  limits: FoldLimits,
): HelperJournal {
  const nonces = new Set<string>();
  const intents = new Set<string>();
  const open = new Set<string>();
  const begun: { at: TimeMark; verb: string; target: string }[] = [];
  let fd = opened;
  let last = before.at(-1) ?? null;
  let foldable = before.filter(isFoldable).length;

  function remember({ kind, at, data }: JournalLine): void {
    if (kind === "began") {
      const { intent, nonce, verb, target, boot = "", up = 0 } = data as unknown as Began;
      intents.add(intent);
      open.add(intent);
      if (nonce !== null) nonces.add(nonce);
      begun.push({ at: { wall: at, bootId: boot, mono: up }, verb, target });
    } else if (kind === "ended" || kind === "interrupted") open.delete(String(data["intent"]));
  }
  for (const one of before) remember(one);

  function write(next: JournalLine): void {
    const bytes = bytesOf(next);
    const size = fstatSync(fd).size;
    try {
      if (writeSync(fd, bytes) < bytes.length)
        throw storeErrors.full(`${path}: the disk is full; free space`);
      fsyncSync(fd);
    } catch (error) {
      ftruncateSync(fd, size);
      throw error;
    }
    last = next;
    remember(next);
  }

  /** The whole is written beside and takes the place of the old one, or nothing changes. */
  function shorten(): void {
    const entries = fold(readLines(readFileSync(path, "utf8"), path), limits);
    if (entries === null) return;
    const lines: JournalLine[] = [];
    for (const entry of entries) lines.push(lineAfter(lines.at(-1) ?? null, entry));
    writeDurably(`${path}.tmp`, lines.map((one) => bytesOf(one).toString()).join(""));
    renameSync(`${path}.tmp`, path);
    syncPath(dirname(path));
    closeSync(fd);
    fd = openSync(path, MODE);
    last = lines.at(-1) ?? null;
    foldable = lines.filter(isFoldable).length;
  }

  return {
    append(kind, data) {
      withStoreErrors(path, () => {
        const { wall: at, bootId: boot, mono } = mark();
        const more = kind === "began" ? { boot, up: Math.round(mono) } : {};
        const next = lineAfter(last, { at, kind, data: { ...data, ...more } });
        write(next);
        if (!isFoldable(next)) return;
        foldable += 1;
        if (foldable > limits.most) shorten();
      });
    },
    isUsed: (nonce) => nonces.has(nonce),
    isBegun: (intent) => intents.has(intent),
    begunWithin(ms) {
      const now = mark();
      return begun.filter(({ at }) => elapsed(at, now) < ms);
    },
    unfinished: () => [...open],
    entries: () => last?.seq ?? 0,
    close: () => closeSync(fd),
  };
}
