/**
 * Copies of texts that passed their test, in the plugin's store: the node's own database, which only its user may read. They
 * leave the host in no message.
 */
import { MAX_FILE_TEXT, type PluginStore } from "cortex";

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

/** `name`: of this set of copies. */
export function createCopies(store: PluginStore, keep: number, name = "copies") {
  const keyOf = (sha256: string, part: number) => `${name}:${sha256}:${part}`;
  const list = (): Copy[] => store.get<Copy[]>(name) ?? [];

  function forget({ sha256, parts }: Copy): void {
    for (let part = 0; part < parts; part += 1) store.delete(keyOf(sha256, part));
  }

  return {
    /** Oldest first. */
    list,
    /** The newest copy becomes this one; the oldest beyond `keep` is forgotten. */
    put(sha256: string, text: string, at: number): void {
      const known = list();
      if (known.at(-1)?.sha256 === sha256) return;
      const parts = Math.max(1, Math.ceil(text.length / PART));
      for (let part = 0; part < parts; part += 1)
        store.set(keyOf(sha256, part), text.slice(part * PART, (part + 1) * PART));
      const all = [...known.filter((one) => one.sha256 !== sha256), { sha256, at, parts }];
      // The list first: a copy that nobody names does no harm, a name without its copy would.
      store.set(name, all.slice(-keep));
      all.slice(0, -keep).forEach(forget);
    },
    /** null when a part of it is gone. */
    text({ sha256, parts }: Copy): string | null {
      const found = Array.from({ length: parts }, (_, part) => store.get<string>(keyOf(sha256, part)));
      return found.some((part) => part === null) ? null : found.join("");
    },
  };
}
export type Copies = ReturnType<typeof createCopies>;
