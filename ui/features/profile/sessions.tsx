/** Where one is logged in, and how that is ended. */
import { createSignal, For, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { Panel } from "../../kit/panel.tsx";
import { errorText, QueryView, Skeleton } from "../../kit/states.tsx";
import { Time } from "../../kit/time.tsx";
import { toast } from "../../kit/toast.tsx";
import { ApiError } from "../../data/api.ts";
import type { SessionItem } from "../../data/types.ts";
import { profile } from "./profile.api.ts";
import { clientOf } from "./profile.model.ts";
import { text } from "./texts.ts";

export function Sessions(props: {
  sessions: SessionItem[] | null;
  state: Parameters<typeof QueryView>[0]["state"];
  onChanged: () => void;
}) {
  const [busy, setBusy] = createSignal<string | null>(null);
  const t = () => text().profile;
  const others = () => props.sessions?.filter(({ current }) => !current) ?? [];
  const end = async (which: string, work: () => Promise<unknown>) => {
    if (busy() !== null) return;
    setBusy(which);
    try {
      await work();
      toast(t().ended);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(errorText(error), "bad");
    } finally {
      setBusy(null);
      props.onChanged();
    }
  };
  return (
    <Panel
      title={t().sessions}
      count={props.sessions?.length}
      actions={
        <Show when={others().length > 0}>
          <Button small busy={busy() === "all"} onClick={() => void end("all", profile.endOthers)}>
            {t().endOthers}
          </Button>
        </Show>
      }
    >
      <QueryView
        state={props.state}
        isEmpty={false}
        skeleton={<Skeleton rows={2} rowClass="h-14" />}
        onRetry={props.onChanged}
        empty={null}
      >
        <ul>
          <For each={props.sessions}>
            {(one) => (
              <li class="flex min-h-14 items-center gap-3 border-line px-4 py-2 not-last:border-b">
                <div class="min-w-0 flex-1">
                  <p class="flex items-center gap-2">
                    <span class="truncate font-medium" title={one.userAgent}>
                      {clientName(one.userAgent)}
                    </span>
                    <Show when={one.current}>
                      <Badge>{t().current}</Badge>
                    </Show>
                  </p>
                  <p class="truncate text-sm text-muted">
                    {one.ip} · {t().since} <Time at={one.createdAt} show="point" />
                  </p>
                </div>
                <Show when={!one.current}>
                  <Button
                    small
                    busy={busy() === one.id}
                    aria-label={t().endName(clientName(one.userAgent))}
                    onClick={() => void end(one.id, () => profile.endSession(one.id))}
                  >
                    {t().end}
                  </Button>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </QueryView>
    </Panel>
  );
}

function clientName(userAgent: string): string {
  const { browser, system } = clientOf(userAgent);
  if (browser === null) return text().profile.unknownClient;
  return system === null ? browser : text().profile.on(browser, system);
}
