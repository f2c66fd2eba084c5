/** Pages of the audit list as the search wants them; typing pauses before the server is asked. */
import { createEffect, createSignal, on, onCleanup } from "solid-js";
import { createStore } from "solid-js/store";
import { ApiError, queryString } from "../../../data/api.ts";
import { api } from "../../../data/app.ts";
import type { AuditItem, Page } from "../../../data/types.ts";
import { auditQuery, type AuditSearch } from "./audit.model.ts";

const PAGE_SIZE = 100;
const PAUSE_MS = 200;

export function createAudit(search: () => AuditSearch) {
  const [state, setState] = createStore<{
    items: AuditItem[];
    ready: boolean;
    error: ApiError | null;
    next: string | null;
  }>({ items: [], ready: false, error: null, next: null });
  const [busy, setBusy] = createSignal(false);
  let turn = 0;

  async function load(cursor?: string): Promise<void> {
    const mine = cursor === undefined ? ++turn : turn;
    setBusy(true);
    try {
      const query = { limit: PAGE_SIZE, cursor, ...auditQuery(search(), Date.now()) };
      const page = await api.call<Page<AuditItem>>("GET", `audit${queryString(query)}`);
      if (mine !== turn) return;
      const items = cursor === undefined ? page.items : [...state.items, ...page.items];
      setState({ items, next: page.next, ready: true, error: null });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine === turn) setState("error", error);
    } finally {
      if (mine === turn) setBusy(false);
    }
  }

  let timer = 0;
  createEffect(
    on(
      () => [search().q, search().kind, search().span],
      (_, before) => {
        clearTimeout(timer);
        timer = window.setTimeout(() => void load(), before === undefined ? 0 : PAUSE_MS);
      },
    ),
  );
  onCleanup(() => clearTimeout(timer));
  return { state, busy, reload: () => void load(), more: () => void load(state.next ?? undefined) };
}
