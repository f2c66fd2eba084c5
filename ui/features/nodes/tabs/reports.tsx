/** Runs of checks as the node reported them, newest first. */
import { checkId } from "../../checks/check-id.ts";
import { For, Show } from "solid-js";
import { More } from "../../../kit/more.tsx";
import { Panel } from "../../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { Status } from "../../../kit/status.tsx";
import { Table, Td, Th, Tr } from "../../../kit/table.tsx";
import { Time } from "../../../kit/time.tsx";
import type { Look } from "../../../kit/tone.tsx";
import { formatDuration } from "../../../lib/format.model.ts";
import { locale } from "../../../texts/i18n.ts";
import { createPaged } from "../../../data/paged.ts";
import type { Inspection, Status as ResultStatus } from "../../../data/types.ts";
import { statusLook } from "../result.model.ts";
import { text } from "../texts.ts";

const ROWS = 50;

const isStatus = (text: string | null): text is ResultStatus =>
  text !== null && ["ok", "warning", "critical", "unknown"].includes(text);

function runLook(run: Inspection): Look {
  if (run.state === "running")
    return { tone: "accent", icon: "loader", busy: true, word: text().nodeTab.running };
  if (run.error !== null) return { tone: "bad", icon: "x-circle", word: text().checks.states.broken };
  if (isStatus(run.status)) return statusLook(run.status, text());
  return { tone: "idle", icon: "dashed", word: text().checks.states.skipped };
}

export function NodeReports(props: { node: string }) {
  const paged = createPaged("inspections", () => ({ node: props.node, limit: ROWS }));
  const t = () => text().nodeTab;
  const c = () => text().nodeTab.runColumns;
  return (
    <Panel title={t().runs}>
      <QueryView
        state={paged.state}
        isEmpty={paged.state.items.length === 0}
        skeleton={<Skeleton rows={10} rowClass="h-9" />}
        onRetry={paged.reload}
        empty={<Empty icon="history" title={t().reportsNone} body={text().node.resultsNoneBody} />}
      >
        <Table
          label={t().runs}
          head={
            <>
              <Th class="w-32">{c().outcome}</Th>
              <Th>{c().check}</Th>
              <Th class="w-28 max-md:hidden">{c().why}</Th>
              <Th class="w-24 text-right max-md:hidden">{c().took}</Th>
              <Th class="w-28 text-right">{c().at}</Th>
            </>
          }
        >
          <For each={paged.state.items}>
            {(run) => (
              <Tr>
                <Td>
                  <Status look={runLook(run)} quiet={run.status === "ok"} />
                </Td>
                <Td class="w-full max-w-0 truncate" title={run.error ?? ""}>
                  <span class="font-medium">{checkId(run)}</span>{" "}
                  <span class="text-sm text-muted">{run.error}</span>
                </Td>
                <Td class="text-muted max-md:hidden">{t().triggers[run.trigger]}</Td>
                <Td class="text-right text-muted max-md:hidden">
                  {run.durationSeconds === null ? "–" : formatDuration(run.durationSeconds * 1000, locale())}
                </Td>
                <Td class="text-right text-sm text-muted">
                  <Time at={run.startedAt} show="point" />
                </Td>
              </Tr>
            )}
          </For>
        </Table>
        <Show when={paged.state.next}>
          <More label={text().common.moreRows} onMore={paged.more} />
        </Show>
      </QueryView>
    </Panel>
  );
}
