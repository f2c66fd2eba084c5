/** What every node looks at: last result, how often, how long it takes, whether it fails. */
import { useLocation, useSearchParams } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import { FilterBar } from "../../kit/filter-bar.tsx";
import { More } from "../../kit/more.tsx";
import { Panel } from "../../kit/panel.tsx";
import { SearchField } from "../../kit/search-field.tsx";
import { Select } from "../../kit/select.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { ROW_LINK, Table, Td, Th, Tr } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { formatDuration } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import { createPaged } from "../../data/paged.ts";
import type { Check } from "../../data/types.ts";
import { checkKey, checkLook, compareChecks, GROUPS, groupOf, matchesWords } from "./check.model.ts";
import { CheckPanel } from "./check-panel.tsx";
import { text } from "./texts.ts";

export default function ChecksPage() {
  const [search, setSearch] = useSearchParams<{ q?: string; check?: string; status?: string }>();
  const opened = () => paged.state.items.find((check) => checkKey(check) === search.check);
  const open = (check: string | undefined) => setSearch({ check }, { replace: true, scroll: false });
  const paged = createPaged("checks");
  const shown = createMemo(() =>
    paged.state.items
      .filter((check) => search.status === undefined || groupOf(check) === search.status)
      .filter((check) =>
        matchesWords(search.q ?? "", [check.id, check.summary, check.plugin, check.nodeName]),
      )
      .sort(compareChecks),
  );
  return (
    <Panel title={text().nav.checks} count={paged.state.ready ? shown().length : undefined}>
      <FilterBar>
        <SearchField
          label={text().checks.filter}
          value={search.q ?? ""}
          onValue={(q) => setSearch({ q: q === "" ? undefined : q }, { replace: true, scroll: false })}
        />
        <Select
          small
          class="w-32"
          label={text().checks.columns.status}
          options={[
            { id: "", label: text().common.all },
            ...GROUPS.map((id) => ({ id: id as string, label: text().checks.groups[id] })),
          ]}
          value={search.status ?? ""}
          onChoose={(status) =>
            setSearch({ status: status === "" ? undefined : status }, { replace: true, scroll: false })
          }
        />
      </FilterBar>
      <QueryView
        state={paged.state}
        isEmpty={paged.state.items.length === 0}
        skeleton={<Skeleton rows={8} rowClass="h-9" />}
        onRetry={paged.reload}
        empty={<Empty icon="pulse" title={text().checks.empty} body={text().checks.emptyBody} />}
      >
        <Show when={shown().length > 0} fallback={<Empty icon="search" title={text().fleet.noMatch} />}>
          <CheckTable checks={shown()} />
        </Show>
        <Show when={paged.state.next}>
          <More label={text().common.moreRows} onMore={paged.more} />
        </Show>
      </QueryView>
      <CheckPanel check={opened()} onClose={() => open(undefined)} onChanged={paged.reload} />
    </Panel>
  );
}

function CheckTable(props: { checks: Check[] }) {
  const c = () => text().checks.columns;
  const location = useLocation();
  const hrefOf = (check: Check) => {
    const query = new URLSearchParams(location.search);
    query.set("check", checkKey(check));
    return `/checks?${query.toString()}`;
  };
  return (
    <Table
      label={text().nav.checks}
      head={
        <>
          <Th class="w-32">{c().status}</Th>
          <Th>{c().check}</Th>
          <Th class="max-md:hidden">{c().node}</Th>
          <Th class="max-md:hidden">{c().plugin}</Th>
          <Th class="text-right max-md:hidden">{c().interval}</Th>
          <Th class="text-right max-md:hidden">{c().took}</Th>
          <Th class="text-right max-md:hidden">{c().failures}</Th>
          <Th class="text-right">{c().last}</Th>
        </>
      }
    >
      <For each={props.checks}>
        {(check) => (
          <Tr>
            <Td>
              <Status look={checkLook(check, text())} quiet={check.status === "ok"} />
            </Td>
            <Td class="max-w-0 max-md:w-full max-md:py-1.5 md:max-w-80">
              {/* Why a check does not run must be readable; what it does is told by its name. */}
              <p classList={{ truncate: check.reason === null, "break-words py-1": check.reason !== null }}>
                <a href={hrefOf(check)} noScroll class={`font-medium ${ROW_LINK}`}>
                  {check.id}
                </a>{" "}
                <span
                  class="text-sm text-muted max-md:block"
                  classList={{ "max-md:truncate": check.reason === null }}
                >
                  <span class="md:hidden">{check.nodeName} · </span>
                  {check.reason ?? check.summary}
                </span>
              </p>
            </Td>
            <Td class="whitespace-nowrap text-muted max-md:hidden">{check.nodeName}</Td>
            <Td class="text-muted max-md:hidden">{check.plugin}</Td>
            <Td class="text-right text-muted max-md:hidden">
              {check.intervalSeconds === null
                ? check.schedule
                : formatDuration(check.intervalSeconds * 1000, locale())}
            </Td>
            <Td class="text-right text-muted max-md:hidden">
              {check.lastDurationSeconds === null
                ? "–"
                : formatDuration(check.lastDurationSeconds * 1000, locale())}
            </Td>
            <Td class="text-right max-md:hidden">
              <span class={check.failures > 0 ? "text-warn" : "text-faint"}>{check.failures}</span>
            </Td>
            <Td class="text-right text-sm text-muted">
              <Show when={check.lastRunAt} fallback="–">
                {(at) => <Time at={at()} />}
              </Show>
            </Td>
          </Tr>
        )}
      </For>
    </Table>
  );
}
