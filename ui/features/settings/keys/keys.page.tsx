/** Keys for programs: who holds which, when it was last used, when it ends. */
import { createSignal, For, Show } from "solid-js";
import { Badge } from "../../../kit/badge.tsx";
import { Button } from "../../../kit/button.tsx";
import { Confirm } from "../../../kit/confirm.tsx";
import { Icon } from "../../../kit/icon.tsx";
import { Panel } from "../../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { Table, Td, Th, Tr } from "../../../kit/table.tsx";
import { Time } from "../../../kit/time.tsx";
import { actorName } from "../../../texts/actor-name.ts";
import { live } from "../../../data/app.ts";
import { now } from "../../../lib/clock.ts";
import { shortId } from "../../../lib/format.model.ts";
import { createLoaded } from "../../../data/loaded.ts";
import type { KeyItem } from "../../../data/types.ts";
import { accounts } from "../accounts.ts";
import { GrantsText } from "../grants-text.tsx";
import { KeyDialog, RotateDialog } from "./key-dialog.tsx";
import { text } from "../texts.ts";

export default function KeysPage() {
  const keys = createLoaded(accounts.keys);
  const [adding, setAdding] = createSignal(false);
  const [rotated, setRotated] = createSignal<KeyItem | null>(null);
  const [deleting, setDeleting] = createSignal<KeyItem | null>(null);
  const t = () => text().keys;
  const remove = async () => {
    await accounts.removeKey(deleting()!.id);
    await keys.reload();
  };
  const add = () => (
    <Button small icon="plus" onClick={() => setAdding(true)}>
      {t().add}
    </Button>
  );
  return (
    <>
      <Panel title={text().settingsPages.keys} count={keys.value()?.length} actions={add()}>
        <QueryView
          state={keys.state}
          isEmpty={keys.value()?.length === 0}
          skeleton={<Skeleton rows={3} />}
          onRetry={() => void keys.reload()}
          empty={<Empty icon="key" title={t().empty} body={t().emptyBody} />}
        >
          <Table label={text().settingsPages.keys} head={<Head />}>
            <For each={keys.value()}>
              {(key) => <KeyRow key={key} onRotate={setRotated} onDelete={setDeleting} />}
            </For>
          </Table>
        </QueryView>
      </Panel>
      <KeyDialog open={adding()} onClose={() => setAdding(false)} onMade={() => void keys.reload()} />
      <RotateDialog rotated={rotated()} onClose={() => setRotated(null)} onMade={() => void keys.reload()} />
      <Confirm
        open={deleting() !== null}
        title={t().deleteTitle(deleting()?.name ?? "")}
        action={text().common.delete}
        onClose={() => setDeleting(null)}
        onConfirm={remove}
      >
        {t().deleteBody}
      </Confirm>
    </>
  );
}

function Head() {
  const t = () => text().keys;
  return (
    <>
      <Th>{t().name}</Th>
      <Th>{t().role}</Th>
      <Th class="max-md:hidden">{t().lastUsed}</Th>
      <Th class="max-sm:hidden">{t().expires}</Th>
      <Th class="w-24">
        <span class="sr-only">{text().common.actions}</span>
      </Th>
    </>
  );
}

function KeyRow(props: { key: KeyItem; onRotate: (key: KeyItem) => void; onDelete: (key: KeyItem) => void }) {
  const t = () => text().keys;
  const isOver = () => props.key.expiresAt !== null && Date.parse(props.key.expiresAt) <= now();
  return (
    <Tr>
      <Td class="max-w-0 w-full">
        <p class="flex items-center gap-2">
          <span class="truncate font-medium">{props.key.name}</span>
          <Show when={isOver()}>
            <Badge tone="warn">{t().expired}</Badge>
          </Show>
        </p>
        <p class="truncate text-sm text-muted">
          {props.key.createdBy === "local" ? t().madeOnHost : t().madeBy(actorName(props.key.createdBy))} ·{" "}
          <Time at={props.key.createdAt} />
          <Show when={props.key.addresses}>{(ranges) => ` · ${t().from(ranges().join(", "))}`}</Show>
        </p>
      </Td>
      <Td class="text-muted">
        <Show
          when={props.key.nodeId}
          fallback={<GrantsText grants={props.key.grants} empty={props.key.emptyScopes} />}
        >
          {(node) => (
            <>
              {text().account.roles.node}{" "}
              <span class="text-sm text-faint">
                {live.data.nodes.items.find((one) => one.id === node())?.name ?? shortId(node())}
              </span>
            </>
          )}
        </Show>
      </Td>
      <Td class="whitespace-nowrap text-sm text-muted max-md:hidden">
        <Show when={props.key.lastUsedAt} fallback={text().people.never}>
          {(at) => (
            <>
              <Time at={at()} />
              <span class="block text-faint">{props.key.lastAddress}</span>
            </>
          )}
        </Show>
      </Td>
      <Td class="whitespace-nowrap text-sm text-muted max-sm:hidden">
        <Show when={props.key.expiresAt} fallback={text().people.never}>
          {(at) => <Time at={at()} />}
        </Show>
      </Td>
      <Td class="whitespace-nowrap text-right">
        <Button
          small
          kind="ghost"
          class="w-7 px-0"
          aria-label={t().rotateTitle(props.key.name)}
          title={t().rotate}
          onClick={() => props.onRotate(props.key)}
        >
          <Icon name="refresh" class="size-3.5" />
        </Button>
        <Button
          small
          kind="ghost"
          class="w-7 px-0"
          aria-label={t().deleteTitle(props.key.name)}
          onClick={() => props.onDelete(props.key)}
        >
          <Icon name="trash" class="size-3.5" />
        </Button>
      </Td>
    </Tr>
  );
}
