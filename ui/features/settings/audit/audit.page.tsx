/** The Monitor's own chain: who did what, newest first; filtered by the server, exported, verified. */
import { useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Button } from "../../../kit/button.tsx";
import { Icon } from "../../../kit/icon.tsx";
import { More } from "../../../kit/more.tsx";
import { Fact, Facts, Panel } from "../../../kit/panel.tsx";
import { FilterBar } from "../../../kit/filter-bar.tsx";
import { SearchField } from "../../../kit/search-field.tsx";
import { Select } from "../../../kit/select.tsx";
import { Empty, errorText, QueryView, Skeleton } from "../../../kit/states.tsx";
import { Time } from "../../../kit/time.tsx";
import { toast } from "../../../kit/toast.tsx";
import { ApiError, queryString } from "../../../data/api.ts";
import { api, live } from "../../../data/app.ts";
import { locale } from "../../../texts/i18n.ts";
import { createLoaded } from "../../../data/loaded.ts";
import type { AuditItem, Verification } from "../../../data/types.ts";
import { verificationText } from "../../intents/verify-ledger.ts";
import { createAudit } from "./audit.ts";
import {
  AUDIT_KINDS,
  AUDIT_SPANS,
  actorOf,
  auditQuery,
  fieldsOf,
  isBad,
  lineOf,
  type AuditSearch,
  type Names,
} from "./audit.model.ts";
import { enrolment } from "../../enrol/enrolment.ts";
import { accounts } from "../accounts.ts";
import { text } from "./texts.ts";

export default function AuditPage() {
  const [search, setSearch] = useSearchParams<Record<keyof AuditSearch, string>>();
  const audit = createAudit(() => search);
  const t = () => text().audit;
  const known = createLoaded(async () =>
    (await Promise.all([accounts.users(), accounts.keys(), enrolment.identities()])).flat(),
  );
  const names = createMemo((): Names => {
    const all = [...live.data.nodes.items, ...(known.value() ?? [])];
    return new Map(all.map(({ id, name }) => [id, name]));
  });
  const set = (part: Partial<Record<keyof AuditSearch, string>>) =>
    setSearch(
      Object.fromEntries(Object.entries(part).map(([key, value]) => [key, value === "" ? undefined : value])),
      { replace: true, scroll: false },
    );
  const isFiltered = () => search.q !== undefined || search.kind !== undefined || search.span !== undefined;
  return (
    <Panel title={text().settingsPages.audit} actions={<Acts search={search} />}>
      <FilterBar>
        <SearchField label={t().search} value={search.q ?? ""} onValue={(q) => set({ q })} />
        <Select
          small
          class="w-36"
          label={t().kind}
          options={["" as const, ...AUDIT_KINDS].map((id) => ({
            id: id as string,
            label: id === "" ? t().everyKind : t().kinds[id],
          }))}
          value={search.kind ?? ""}
          onChoose={(kind) => set({ kind })}
        />
        <Select
          small
          class="w-36"
          label={t().span}
          options={["" as const, ...AUDIT_SPANS].map((id) => ({
            id: id as string,
            label: id === "" ? t().always : t().spans[id],
          }))}
          value={search.span ?? ""}
          onChoose={(span) => set({ span })}
        />
      </FilterBar>
      <QueryView
        state={audit.state}
        isEmpty={audit.state.items.length === 0}
        skeleton={<Skeleton rows={8} />}
        onRetry={audit.reload}
        empty={
          <Empty icon="scroll" title={isFiltered() ? t().noMatch : t().empty}>
            <Show when={isFiltered()}>
              <Button class="mt-4" onClick={() => set({ q: "", kind: "", span: "" })}>
                {text().fleet.clear}
              </Button>
            </Show>
          </Empty>
        }
      >
        <ul>
          <For each={audit.state.items}>{(entry) => <Entry entry={entry} names={names()} />}</For>
        </ul>
        <Show when={audit.state.next}>
          <More label={text().intent.older} busy={audit.busy()} onMore={audit.more} />
        </Show>
      </QueryView>
    </Panel>
  );
}

/** One act; its content opens below it. */
function Entry(props: { entry: AuditItem; names: Names }) {
  const t = () => text().auditEntry;
  const fields = () => fieldsOf(props.entry.payload, props.names, text(), locale());
  return (
    <li class="border-line not-last:border-b">
      <details class="group">
        <summary class="flex min-h-9 cursor-pointer list-none items-center gap-x-3 px-4 py-1.5 hover:bg-hover max-sm:flex-wrap">
          <Icon name="chevron-right" class="size-3.5 text-faint group-open:rotate-90" />
          <span class="shrink-0 truncate font-medium sm:w-28">
            {actorOf(props.entry.actor, props.names, text())}
          </span>
          <span
            class="min-w-0 shrink-0 truncate sm:w-48"
            classList={{ "text-warn": isBad(props.entry.kind) }}
          >
            {t().kinds[props.entry.kind] ?? props.entry.kind}
          </span>
          <span class="min-w-0 flex-1 truncate text-sm text-muted max-sm:order-last max-sm:basis-full">
            {lineOf(fields())}
          </span>
          <Time at={props.entry.at} class="ml-auto text-sm text-muted" />
        </summary>
        <div class="border-t border-line bg-page px-4 py-3 text-sm">
          <Facts>
            <For each={fields()}>{(field) => <Fact name={field.name}>{field.value}</Fact>}</For>
          </Facts>
          <details class="group/json mt-2">
            <summary class="inline-flex min-h-6 cursor-pointer list-none items-center gap-1 text-muted hover:text-ink">
              <Icon name="chevron-right" class="size-3 group-open/json:rotate-90" />
              {t().json}
            </summary>
            <pre class="mt-1 whitespace-pre-wrap break-words">
              {JSON.stringify(props.entry.payload, null, 2)}
            </pre>
          </details>
          <p class="mt-2 break-all text-faint">
            <code>{props.entry.kind}</code> · #{props.entry.seq} · <Time at={props.entry.at} show="moment" />{" "}
            · {props.entry.hash}
          </p>
        </div>
      </details>
    </li>
  );
}

function Acts(props: { search: AuditSearch }) {
  const [busy, setBusy] = createSignal(false);
  const t = () => text().audit;
  const link = (format: "jsonl" | "csv") =>
    `/api/v1/audit/export${queryString({ format, ...auditQuery(props.search, Date.now()) })}`;
  const verify = async () => {
    setBusy(true);
    try {
      const found = await api.call<Verification>("GET", "audit/verify");
      toast(verificationText(found, text()), found.ok ? "ok" : "bad");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(errorText(error), "bad");
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <For each={["jsonl", "csv"] as const}>
        {(format) => (
          <a
            href={link(format)}
            download=""
            rel="external"
            class="inline-flex h-7 items-center gap-1.5 rounded-md border border-line-strong px-2 text-sm font-medium hover:bg-hover max-sm:hidden"
          >
            <Icon name="download" class="size-3.5" />
            {format === "csv" ? "CSV" : "JSON"}
          </a>
        )}
      </For>
      <Button small icon="shield" busy={busy()} onClick={() => void verify()}>
        {t().verify}
      </Button>
    </>
  );
}
