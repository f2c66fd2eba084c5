/** Who may log in, and as what. */
import { createSignal, For, Show } from "solid-js";
import { Badge } from "../../../kit/badge.tsx";
import { Button } from "../../../kit/button.tsx";
import { Panel } from "../../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { Table, Td, Th, Tr } from "../../../kit/table.tsx";
import { Time } from "../../../kit/time.tsx";
import { session } from "../../../data/app.ts";
import { createLoaded } from "../../../data/loaded.ts";
import type { UserItem } from "../../../data/types.ts";
import { accounts } from "../accounts.ts";
import { GrantsText } from "../grants-text.tsx";
import { PersonDialog } from "./person-dialog.tsx";
import { text } from "../texts.ts";

export default function PeoplePage() {
  const people = createLoaded(accounts.users);
  /** Whose dialog is open; `new` for somebody who is not there yet. */
  const [edited, setEdited] = createSignal<UserItem | "new" | null>(null);
  const t = () => text().people;
  return (
    <>
      <Panel
        title={text().settingsPages.people}
        count={people.value()?.length}
        actions={
          <Button small icon="plus" onClick={() => setEdited("new")}>
            {t().add}
          </Button>
        }
      >
        <QueryView
          state={people.state}
          isEmpty={people.value()?.length === 0}
          skeleton={<Skeleton rows={3} />}
          onRetry={() => void people.reload()}
          empty={<Empty icon="people" title={t().empty} />}
        >
          <Table
            label={text().settingsPages.people}
            head={
              <>
                <Th>{t().name}</Th>
                <Th>{t().role}</Th>
                <Th class="max-sm:hidden">{t().lastLogin}</Th>
                <Th class="w-20">
                  <span class="sr-only">{text().common.actions}</span>
                </Th>
              </>
            }
          >
            <For each={people.value()}>{(user) => <PersonRow user={user} onEdit={setEdited} />}</For>
          </Table>
        </QueryView>
      </Panel>
      <p class="mt-2 text-sm text-muted text-pretty">{t().rolesExplained}</p>
      <PersonDialog
        person={edited()}
        onClose={() => setEdited(null)}
        onChanged={() => void people.reload()}
      />
    </>
  );
}

function PersonRow(props: { user: UserItem; onEdit: (user: UserItem) => void }) {
  return (
    <Tr>
      <Td class="max-w-0 w-full">
        <span class="flex flex-wrap items-center gap-x-2">
          <span
            class="min-w-0 break-words font-medium"
            classList={{ "text-muted line-through": props.user.disabled }}
          >
            {props.user.name}
          </span>
          <Show when={props.user.name === session.user()?.name}>
            <Badge>{text().people.you}</Badge>
          </Show>
          <Show when={props.user.disabled}>
            <Badge tone="warn">{text().people.disabled}</Badge>
          </Show>
        </span>
      </Td>
      <Td class="text-muted">
        <GrantsText grants={props.user.grants} empty={props.user.emptyScopes} />
      </Td>
      <Td class="whitespace-nowrap text-sm text-muted max-sm:hidden">
        <Show when={props.user.lastLoginAt} fallback={text().people.never}>
          {(at) => <Time at={at()} />}
        </Show>
      </Td>
      <Td class="text-right">
        <Button
          small
          aria-label={text().people.editName(props.user.name)}
          onClick={() => props.onEdit(props.user)}
        >
          {text().common.edit}
        </Button>
      </Td>
    </Tr>
  );
}
