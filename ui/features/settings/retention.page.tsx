/** How long what is kept is kept, as the configuration says. */
import { For } from "solid-js";
import { Fact, Facts, Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { api } from "../../lib/app.ts";
import { createLoaded } from "../../lib/loaded.ts";
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

const SOME = 50;

type Values = Partial<Record<(typeof KEYS)[number], string | number>>;

export default function RetentionPage() {
  const t = () => text().retention;
  const config = createLoaded(async () => {
    // Any node that answers: the configuration of a fleet says the same everywhere.
    const { items } = await api.list("nodes", { limit: SOME });
    const node = items.find((one) => one.connected) ?? items[0];
    if (node === undefined) return { of: null, values: {} as Values };
    const { retention } = await api.config(node.id);
    return { of: node.name, values: retention as Values };
  });
  return (
    <div class="flex max-w-160 flex-col gap-6">
      <Backups />
      <Panel title={t().title}>
        <QueryView
          state={config.state}
          isEmpty={config.value()?.of === null}
          skeleton={<Skeleton rows={6} />}
          onRetry={() => void config.reload()}
          empty={<Empty icon="archive" title={t().none} />}
        >
          <div class="px-4 py-4">
            <Facts>
              <For each={KEYS}>
                {(key) => <Fact name={t().names[key]}>{config.value()!.values[key] ?? "–"}</Fact>}
              </For>
            </Facts>
            <p class="mt-4 border-t border-line pt-3 text-sm text-muted text-pretty">
              {t().where(config.value()!.of!)}
            </p>
          </div>
        </QueryView>
      </Panel>
    </div>
  );
}
