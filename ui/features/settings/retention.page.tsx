/** How long this Monitor keeps what it keeps, as its configuration says. */
import { For } from "solid-js";
import { Fact, Facts, Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { ApiError } from "../../data/api.ts";
import { api } from "../../data/app.ts";
import { createLoaded } from "../../data/loaded.ts";
import { formatCount } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import { Backups } from "./backups.tsx";
import { text } from "./texts.ts";

/** In the order of the page; the configuration's own keys. */
const KEYS = [
  "problems",
  "inspections",
  "evidence",
  "metrics_raw",
  "metrics_rollup",
  "metrics_budget",
  "spool_rows",
] as const;

type Values = Partial<Record<(typeof KEYS)[number], string | number>>;

/** Numbers in groups, sizes with a space before their unit; the rest as it is configured. */
const shown = (value: string | number | undefined): string =>
  typeof value === "number"
    ? formatCount(value, locale())
    : (value?.replace(/(?<=\d)(?=[KMGT]i?B)/, " ") ?? "–");

export default function RetentionPage() {
  const t = () => text().retention;
  const config = createLoaded(async () => {
    // Other nodes may keep things for another time; this page is about the process that answers.
    const { node } = await api.call<{ node: string }>("GET", "identity");
    try {
      return { values: (await api.config(node))["retention"] as Values };
    } catch (error) {
      // A process that is Monitor only has no node to ask.
      if (error instanceof ApiError && error.status === 404) return { values: null };
      throw error;
    }
  });
  return (
    <div class="flex max-w-160 flex-col gap-6">
      <Backups />
      <Panel title={t().title}>
        <QueryView
          state={config.state}
          isEmpty={config.value()?.values === null}
          skeleton={<Skeleton rows={6} />}
          onRetry={() => void config.reload()}
          empty={<Empty icon="archive" title={t().none} body={t().where} />}
        >
          <div class="px-4 py-4">
            <Facts>
              <For each={KEYS}>
                {(key) => <Fact name={t().names[key]}>{shown(config.value()!.values![key])}</Fact>}
              </For>
            </Facts>
            <p class="mt-4 border-t border-line pt-3 text-sm text-muted text-pretty">{t().where}</p>
          </div>
        </QueryView>
      </Panel>
    </div>
  );
}
