/** Backups of this Monitor: whether they are made, which there are, and one now. */
import { createSignal, For, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { Fact, Facts, Panel } from "../../kit/panel.tsx";
import { Empty, errorText, QueryView, Skeleton } from "../../kit/states.tsx";
import { Table, Td, Th, Tr } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { toast } from "../../kit/toast.tsx";
import { ApiError } from "../../data/api.ts";
import { api } from "../../data/app.ts";
import { formatBytes, formatDuration } from "../../lib/format.model.ts";
import { language } from "../../texts/i18n.ts";
import { createLoaded } from "../../data/loaded.ts";
import type { BackupItem, BackupList } from "../../data/types.ts";
import { text } from "./texts.ts";

/** The newest ones; all of them are in `cortex backup list`. */
const SHOWN = 12;

export function Backups() {
  const t = () => text().backups;
  const backups = createLoaded(() => api.call<BackupList>("GET", "backups"));
  const [busy, setBusy] = createSignal(false);

  const make = async () => {
    if (busy()) return;
    setBusy(true);
    try {
      const made = await api.call<BackupItem>("POST", "backups", {});
      toast(made.sound ? t().made : t().unsound, made.sound ? "ok" : "bad");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(errorText(error), "bad");
    } finally {
      setBusy(false);
    }
    await backups.reload();
  };

  return (
    <Panel
      title={t().title}
      count={backups.value()?.items.length}
      actions={
        <Button small icon="archive" busy={busy()} onClick={() => void make()}>
          {t().make}
        </Button>
      }
    >
      <QueryView
        state={backups.state}
        isEmpty={false}
        skeleton={<Skeleton rows={4} />}
        onRetry={() => void backups.reload()}
        empty={<Empty icon="archive" title={t().none} />}
      >
        <Schedule list={backups.value()!} />
        <Show when={backups.value()!.items.length > 0} fallback={<Empty icon="archive" title={t().none} />}>
          <Rows list={backups.value()!} />
        </Show>
      </QueryView>
    </Panel>
  );
}

function Schedule(props: { list: BackupList }) {
  const t = () => text().backups;
  const schedule = () => props.list.schedule;
  return (
    <div class="border-b border-line px-4 py-4">
      <Facts>
        <Fact name={t().lastGood}>
          <Show when={schedule().lastGoodAt} fallback={t().never}>
            {(at) => <Time at={at()} />}
          </Show>
        </Fact>
        <Fact name={t().every}>
          {schedule().enabled ? formatDuration(schedule().everySeconds * 1000, language()) : t().off}
        </Fact>
        <Show when={schedule().nextAt}>
          {(at) => (
            <Fact name={t().next}>
              <Time at={at()} show="point" />
            </Fact>
          )}
        </Show>
        <Fact name={t().folder}>
          <code class="break-all">{schedule().folder}</code>
        </Fact>
        <Show when={schedule().failure}>
          {(failure) => (
            <Fact name={t().failed}>
              <span class="text-bad">{failure().reason}</span>
            </Fact>
          )}
        </Show>
        <For each={props.list.damaged}>
          {(one) => (
            <Fact name={t().damaged}>
              <span class="text-bad">{one.reason}</span>
            </Fact>
          )}
        </For>
      </Facts>
      <p class="mt-4 text-sm text-muted text-pretty">
        {t().keepKey} <code>cortex restore</code>
      </p>
    </div>
  );
}

function Rows(props: { list: BackupList }) {
  const t = () => text().backups;
  return (
    <Table
      label={t().title}
      head={
        <>
          <Th>{t().when}</Th>
          <Th>{t().why}</Th>
          <Th class="max-sm:hidden">{t().size}</Th>
          <Th>{t().state}</Th>
        </>
      }
    >
      <For each={props.list.items.slice(0, SHOWN)}>
        {(one) => (
          <Tr>
            <Td>
              <Time at={one.createdAt} show="point" />
            </Td>
            <Td>{t().reasons[one.reason]}</Td>
            <Td class="max-sm:hidden">{formatBytes(one.bytes)}</Td>
            <Td>
              <Badge tone={one.sound ? "ok" : "bad"}>
                {one.sound ? (one.hasKeys ? t().good : t().noKeys) : t().unsoundShort}
              </Badge>
            </Td>
          </Tr>
        )}
      </For>
    </Table>
  );
}
