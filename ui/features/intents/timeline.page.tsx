/** Every intent, newest first: the live ones, and on request what is older than those. */
import { useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, onCleanup, onMount, Show } from "solid-js";
import { More } from "../../kit/more.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, errorText, QueryView, Skeleton } from "../../kit/states.tsx";
import { toast } from "../../kit/toast.tsx";
import { ApiError } from "../../data/api.ts";
import { api, live } from "../../data/app.ts";
import type { Intent } from "../../data/types.ts";
import { IntentList } from "./intent-list.tsx";
import { mergeIntents } from "./intent.model.ts";
import { LedgerExport } from "./ledger-export.tsx";
import { fitsTimeline, timelineQuery, type TimelineSearch } from "./timeline-filter.model.ts";
import { TimelineFilters } from "./timeline-filters.tsx";
import { VerifyButton } from "./verify-button.tsx";
import { text } from "./texts.ts";

const ROWS = 50;
/** The server sends this many live; with fewer there is nothing older. */
const LIVE_ITEMS = 100;

export default function TimelinePage() {
  const [search] = useSearchParams<Record<keyof TimelineSearch, string>>();
  /** Another filter is another list for the server. */
  return (
    <Show when={`filter ${JSON.stringify(timelineQuery(search))}`} keyed>
      {(_filter) => <Timeline search={search} />}
    </Show>
  );
}

function Timeline(props: { search: TimelineSearch }) {
  const older = createOlder(() => timelineQuery(props.search));
  const intents = createMemo(() =>
    mergeIntents(
      live.data.intents.items.filter((intent) => fitsTimeline(intent, props.search)),
      older.items(),
    ),
  );
  const isFiltered = () => Object.keys(timelineQuery(props.search)).length > 0;
  // A filter looks further than what is live: the first page comes by itself.
  onMount(() => isFiltered() && void older.load([]));
  return (
    <Panel
      title={text().intent.list}
      count={live.data.intents.ready ? intents().length : undefined}
      actions={
        <>
          <LedgerExport />
          <VerifyButton />
        </>
      }
    >
      <TimelineFilters />
      <QueryView
        state={live.data.intents}
        isEmpty={intents().length === 0}
        skeleton={<Skeleton rows={6} rowClass="h-14" />}
        onRetry={live.refresh}
        empty={
          <Show when={!isFiltered()} fallback={<Empty icon="search" title={text().intent.filter.noMatch} />}>
            <Empty
              icon="wrench"
              title={text().intent.empty}
              body={text().intent.emptyBody}
              command={text().intent.emptyCommand}
            />
          </Show>
        }
      >
        <IntentList intents={intents()} rows={ROWS} />
        <Show when={(isFiltered() || live.data.intents.items.length >= LIVE_ITEMS) && !older.atEnd()}>
          <More label={text().intent.older} busy={older.busy()} onMore={() => void older.load(intents())} />
        </Show>
      </QueryView>
    </Panel>
  );
}

function createOlder(filter: () => Record<string, string>) {
  const [items, setItems] = createSignal<Intent[]>([]);
  const [cursor, setCursor] = createSignal<string | null>(null);
  const [atEnd, setAtEnd] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  let gone = false;
  /** The cursor of a page belongs to the filter it was made with. */
  let until: string | undefined;
  onCleanup(() => (gone = true));

  async function load(shown: Intent[]) {
    if (busy()) return;
    setBusy(true);
    try {
      until ??= shown.at(-1)?.createdAt;
      const page = await api.list("intents", {
        limit: LIVE_ITEMS,
        ...filter(),
        until,
        cursor: cursor() ?? undefined,
      });
      if (gone) return;
      setItems((known) => [...known, ...page.items]);
      setCursor(page.next);
      setAtEnd(page.next === null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(errorText(error), "bad");
    } finally {
      setBusy(false);
    }
  }
  return { items, atEnd, busy, load };
}
