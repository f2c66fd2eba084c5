/**
 * Copies of texts that passed their test, sealed in the plugin's store: configuration files hold passwords. Which copies there
 * are lies beside them in plain text, so that a lost key is told from no copy. They leave the host in no message.
 */
import { isCortexError, MAX_FILE_TEXT, messageOf, type PluginStore } from "cortex";

export interface Copy {
  sha256: string;
  /** Wall ms. */
  at: number;
  parts: number;
}

/** A value of the store holds 64 KiB of JSON; a character takes at most four bytes there, if it is text. */
const PART = 15_000;

/** Text that can be kept and put back byte by byte: no control characters besides blanks, nothing that was no UTF-8. */
export const isPlainText = (text: string): boolean =>
  text.length <= MAX_FILE_TEXT && !/[^\P{Cc}\t\n\v\f\r]|\uFFFD/u.test(text);

export async function sha256Of(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

/** The text of a copy, or why it can't be had. */
export type Found = { text: string } | { why: string };

/** `name`: of this set of copies. */
export function createCopies(store: PluginStore, keep: number, name = "copies") {
  const keyOf = (sha256: string, part: number) => `${name}:${sha256}:${part}`;
  const list = (): Copy[] => store.get<Copy[]>(name) ?? [];

  function forget({ sha256, parts }: Copy): void {
    for (let part = 0; part < parts; part += 1) store.sealed.delete(keyOf(sha256, part));
  }

  function read({ sha256, parts }: Copy): Found {
    try {
      const keys = Array.from({ length: parts }, (_, part) => keyOf(sha256, part));
      const found = keys.map((key) => store.sealed.get<string>(key));
      return found.some((part) => part === null) ? { why: "a part of it is gone" } : { text: found.join("") };
    } catch (error) {
      if (!isCortexError(error) || !error.code.startsWith("vault.")) throw error;
      return { why: messageOf(error) };
    }
  }

  const isReadable = (copy: Copy): boolean => "text" in read(copy);

  return {
    /** Oldest first. */
    list,
    read,
    /** The newest copy that is not this text and can be read. */
    other: (sha256: string): Copy | undefined =>
      list().findLast((one) => one.sha256 !== sha256 && isReadable(one)),
    /**
     * The newest copy becomes this one; the oldest beyond `keep` is forgotten. Where the newest can't be read any more, copies
     * begin anew: those that can't are forgotten. Returns how many those were. Errors: `vault.*`.
     */
    put(sha256: string, text: string, at: number): number {
      const all = list();
      const newest = all.at(-1);
      const isWhole = newest === undefined || isReadable(newest);
      if (isWhole && newest?.sha256 === sha256) return 0;
      const known = isWhole ? all : all.filter(isReadable);
      const lost = all.filter((one) => !known.includes(one));
      const parts = Math.max(1, Math.ceil(text.length / PART));
      for (let part = 0; part < parts; part += 1)
        store.sealed.set(keyOf(sha256, part), text.slice(part * PART, (part + 1) * PART));
      const next = [...known.filter((one) => one.sha256 !== sha256), { sha256, at, parts }];
      // The list first: a copy that nobody names does no harm, a name without its copy would.
      store.set(name, next.slice(-keep));
      [...next.slice(0, -keep), ...lost.filter((one) => one.sha256 !== sha256)].forEach(forget);
      return lost.length;
    },
  };
}
export type Copies = ReturnType<typeof createCopies>;
