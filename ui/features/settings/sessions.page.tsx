/** Who is logged in where; each session can be ended. Admins see everybody's. */
import { createSignal, For, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { Confirm } from "../../kit/confirm.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Table, Td, Th, Tr } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { createLoaded } from "../../data/loaded.ts";
import type { SessionItem } from "../../data/types.ts";
import { accounts } from "./accounts.ts";
import { browserOf } from "./browser.model.ts";
import { text } from "./texts.ts";

export default function SessionsPage() {
  const sessions = createLoaded(accounts.sessions);
  const [ending, setEnding] = createSignal<SessionItem | null>(null);
  const t = () => text().sessions;
  const end = async () => {
    await accounts.endSession(ending()!.id);
    await sessions.reload();
  };
  return (
    <Panel title={text().settingsPages.sessions} count={sessions.value()?.length}>
      <QueryView
        state={sessions.state}
        isEmpty={sessions.value()?.length === 0}
        skeleton={<Skeleton rows={3} />}
        onRetry={() => void sessions.reload()}
        empty={<Empty icon="monitor" title={t().empty} />}
      >
        <Table
          label={text().settingsPages.sessions}
          head={
            <>
              <Th>{t().who}</Th>
              <Th class="max-sm:hidden">{t().address}</Th>
              <Th class="max-md:hidden">{t().since}</Th>
              <Th>{t().used}</Th>
              <Th class="w-20">
                <span class="sr-only">{text().common.actions}</span>
              </Th>
            </>
          }
        >
          <For each={sessions.value()}>{(one) => <Row session={one} onEnd={setEnding} />}</For>
        </Table>
      </QueryView>
      <Confirm
        open={ending() !== null}
        title={t().endTitle(ending()?.user ?? "")}
        action={t().end}
        onClose={() => setEnding(null)}
        onConfirm={end}
      >
        {t().endBody}
      </Confirm>
    </Panel>
  );
}

function Row(props: { session: SessionItem; onEnd: (session: SessionItem) => void }) {
  const t = () => text().sessions;
  return (
    <Tr>
      <Td class="max-w-0 w-full">
        <p class="flex items-center gap-2">
          <span class="truncate font-medium">{props.session.user}</span>
          <Show when={props.session.current}>
            <Badge tone="accent">{t().current}</Badge>
          </Show>
        </p>
        <p class="truncate text-sm text-muted" title={props.session.userAgent}>
          {browserOf(props.session.userAgent)}
        </p>
      </Td>
      <Td class="whitespace-nowrap text-muted max-sm:hidden">{props.session.ip}</Td>
      <Td class="text-sm text-muted max-md:hidden">
        <Time at={props.session.createdAt} show="point" />
      </Td>
      <Td class="text-sm text-muted">
        <Time at={props.session.lastUsedAt} />
      </Td>
      <Td class="text-right">
        <Show when={!props.session.current}>
          <Button small onClick={() => props.onEnd(props.session)}>
            {t().end}
          </Button>
        </Show>
      </Td>
    </Tr>
  );
}
