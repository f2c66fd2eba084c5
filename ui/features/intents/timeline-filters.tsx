import { useSearchParams } from "@solidjs/router";
import { createSignal, onCleanup } from "solid-js";
import { FilterBar } from "../../kit/filter-bar.tsx";
import { SearchField } from "../../kit/search-field.tsx";
import { Select } from "../../kit/select.tsx";
import { KINDS, OUTCOME_NAMES, type TimelineSearch } from "./timeline-filter.model.ts";
import { text } from "./texts.ts";

const PAUSE_MS = 300;

/** In one row above the list; the server is asked when typing pauses. */
export function TimelineFilters() {
  const [search, setSearch] = useSearchParams<Record<keyof TimelineSearch, string>>();
  const [typed, setTyped] = createSignal(search.q ?? "");
  let timer = 0;
  onCleanup(() => clearTimeout(timer));
  const set = (part: Record<string, string>) =>
    setSearch(
      Object.fromEntries(Object.entries(part).map(([key, value]) => [key, value === "" ? undefined : value])),
      { replace: true, scroll: false },
    );
  const type = (q: string) => {
    setTyped(q);
    clearTimeout(timer);
    timer = window.setTimeout(() => set({ q }), PAUSE_MS);
  };
  const t = () => text().intent.filter;
  return (
    <FilterBar>
      <SearchField label={t().words} value={typed()} onValue={type} />
      <Select
        small
        class="w-36"
        label={t().kind}
        options={[
          { id: "", label: t().everyKind },
          ...KINDS.map((id) => ({ id: id as string, label: text().intent.kinds[id] })),
        ]}
        value={search.kind ?? ""}
        onChoose={(kind) => set({ kind })}
      />
      <Select
        small
        class="w-36"
        label={t().outcome}
        options={[
          { id: "", label: t().everyOutcome },
          ...OUTCOME_NAMES.map((id) => ({ id: id as string, label: t().outcomes[id] })),
        ]}
        value={search.outcome ?? ""}
        onChoose={(outcome) => set({ outcome })}
      />
    </FilterBar>
  );
}
