/** A list that is fetched page by page and not followed live: checks, plugins, what is over. */
import { onCleanup, onMount } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { ApiError } from "./api.ts";
import { api } from "./app.ts";
import type { Resource, Resources } from "./types.ts";

const PAGE_SIZE = 200;
const REFRESH_MS = 15_000;

/** Ids are unique per node only (`fs_space` is on each); rows are kept apart by both. */
type Row<T> = T & { key: string };

export interface Paged<T> {
  items: Row<T>[];
  ready: boolean;
  error: ApiError | null;
  next: string | null;
}

export function createPaged<R extends Resource>(
  resource: R,
  query: () => Record<string, string | number> = () => ({}),
) {
  type Item = Resources[R];
  let pages = 1;
  const [state, setState] = createStore<Paged<Item>>({ items: [], ready: false, error: null, next: null });

  async function load(cursor?: string) {
    try {
      const page = await api.list(resource, { limit: PAGE_SIZE, ...query(), cursor });
      const fetched = page.items.map((item) => ({ ...item, key: `${item.node} ${item.id}` }));
      const items = cursor === undefined ? fetched : [...state.items, ...fetched];
      setState("items", reconcile(items as never[], { key: "key" }));
      setState({ next: page.next, ready: true, error: null });
      pages = cursor === undefined ? 1 : pages + 1;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState("error", error);
    }
  }

  onMount(() => void load());
  // Further pages stay as they are: refreshing the first under them would shift rows.
  const timer = setInterval(() => pages === 1 && !document.hidden && load(), REFRESH_MS);
  onCleanup(() => clearInterval(timer));

  return { state, reload: () => void load(), more: () => void load(state.next ?? undefined) };
}
