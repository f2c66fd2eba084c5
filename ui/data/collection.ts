/** A list of the live data: plain items that are never changed, only replaced; what did not change stays the same object. */
import { batch, createSignal } from "solid-js";
import type { ApiError } from "./api.ts";

export interface Collection<T> {
  readonly items: readonly T[];
  /** True once a first answer came, even an empty one. */
  readonly ready: boolean;
  /** Why the last fetch failed; what was there before stays. */
  readonly error: ApiError | null;
}

export interface OwnCollection<T> {
  /** For everybody: reading a part of it tracks that part. */
  shown: Collection<T>;
  /** A first or further answer came. */
  set(items: readonly T[]): void;
  fail(error: ApiError): void;
  clear(): void;
}

/**
 * Signals of whole lists, not a store: screens go through thousands of items for a few numbers, and a tracked read of each
 * field costs a hundred times as much as a plain one. Rows are drawn by id, so that only changed ones are drawn again.
 */
export function createCollection<T>(): OwnCollection<T> {
  const [items, setItems] = createSignal<readonly T[]>([]);
  const [ready, setReady] = createSignal(false);
  const [error, setError] = createSignal<ApiError | null>(null);
  return {
    shown: {
      get items() {
        return items();
      },
      get ready() {
        return ready();
      },
      get error() {
        return error();
      },
    },
    set: (next) =>
      batch(() => {
        setItems(() => next);
        setReady(true);
        setError(null);
      }),
    fail: (cause) => void setError(cause),
    clear: () =>
      batch(() => {
        setItems([]);
        setReady(false);
        setError(null);
      }),
  };
}

/** The same items in the same order: for a memo over a few of many, which need not be told of the others' changes. */
export const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
