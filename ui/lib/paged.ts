/** A list that is fetched page by page and not followed live: checks, plugins. */
import { createStore } from "solid-js/store";
import { onCleanup } from "solid-js";
import { ApiError } from "./api.ts";
import { api } from "./app.ts";
import type { Resource, Resources } from "./types.ts";

const PAGE_SIZE = 200;
const REFRESH_MS = 15_000;

export interface Paged<T> {
  items: T[];
  ready: boolean;
  error: ApiError | null;
  next: string | null;
}

export function createPaged<R extends Resource>(resource: R) {
  type Item = Resources[R];
  const [state, setState] = createStore<Paged<Item>>({ items: [], ready: false, error: null, next: null });

  async function load(cursor?: string) {
    try {
      const page = await api.list(resource, { limit: PAGE_SIZE, cursor });
      const items = cursor === undefined ? page.items : [...state.items, ...page.items];
      setState({ items, next: page.next, ready: true, error: null });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState("error", error);
    }
  }

  void load();
  // Further pages stay as they are: refreshing the first under them would shift rows.
  const timer = setInterval(() => state.items.length <= PAGE_SIZE && !document.hidden && load(), REFRESH_MS);
  onCleanup(() => clearInterval(timer));

  return { state, reload: () => void load(), more: () => void load(state.next ?? undefined) };
}
