import { useSearchParams } from "@solidjs/router";
import { FilterBar } from "../../kit/filter-bar.tsx";
import { SearchField } from "../../kit/search-field.tsx";
import { Select } from "../../kit/select.tsx";
import { LEVELS, type ProblemSearch, SEVERITIES } from "./problem-filter.model.ts";
import { text } from "./texts.ts";

/** In one row above the list; what is chosen is in the address. */
export function ProblemFilters() {
  const [search, setSearch] = useSearchParams<Record<keyof ProblemSearch, string>>();
  const set = (part: Record<string, string>) =>
    setSearch(
      Object.fromEntries(Object.entries(part).map(([key, value]) => [key, value === "" ? undefined : value])),
      { replace: true, scroll: false },
    );
  const t = () => text().problem.filter;
  return (
    <FilterBar>
      <SearchField label={t().words} value={search.q ?? ""} onValue={(q) => set({ q })} />
      <Select
        small
        class="w-36"
        label={t().severity}
        options={[
          { id: "", label: t().everySeverity },
          ...SEVERITIES.map((id) => ({ id: id as string, label: text().severity[id] })),
        ]}
        value={search.severity ?? ""}
        onChoose={(severity) => set({ severity })}
      />
      <Select
        small
        class="w-36"
        label={t().level}
        options={[
          { id: "", label: t().everyLevel },
          ...LEVELS.map((id) => ({ id: id as string, label: t().levels[id] })),
        ]}
        value={search.level ?? ""}
        onChoose={(level) => set({ level })}
      />
    </FilterBar>
  );
}
