/** One's own account: what one may do, how one proves who one is, where one is logged in. */
import { createSignal, For, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Fact, Facts, Panel } from "../../kit/panel.tsx";
import { QueryView, Skeleton } from "../../kit/states.tsx";
import { Time } from "../../kit/time.tsx";
import { createLoaded } from "../../data/loaded.ts";
import type { Me } from "../../data/types.ts";
import { Factors } from "./factors.tsx";
import { PasswordDialog } from "./password-dialog.tsx";
import { profile } from "./profile.api.ts";
import { Sessions } from "./sessions.tsx";
import { text } from "./texts.ts";

export default function ProfilePage() {
  const me = createLoaded(profile.me);
  const sessions = createLoaded(profile.sessions);
  const [changing, setChanging] = createSignal(false);
  const t = () => text().profile;
  return (
    <div class="flex max-w-190 flex-col gap-8">
      <Panel
        title={t().account}
        actions={
          <Show when={me.value()?.hasPassword}>
            <Button small onClick={() => setChanging(true)}>
              {t().changePassword}
            </Button>
          </Show>
        }
      >
        <QueryView
          state={me.state}
          isEmpty={false}
          skeleton={<Skeleton rows={2} />}
          onRetry={() => void me.reload()}
          empty={null}
        >
          <Show when={me.value()}>{(known) => <Account me={known()} />}</Show>
        </QueryView>
      </Panel>
      <div>
        <Factors onChanged={() => void sessions.reload()} />
      </div>
      <Sessions sessions={sessions.value()} state={sessions.state} onChanged={() => void sessions.reload()} />
      <PasswordDialog
        open={changing()}
        onClose={() => setChanging(false)}
        onChanged={() => void sessions.reload()}
      />
    </div>
  );
}

function Account(props: { me: Me }) {
  const t = () => text().profile;
  return (
    <div class="px-4 py-3">
      <Facts>
        <Fact name={t().name}>{props.me.name}</Fact>
        <Fact name={t().may}>
          <Show when={props.me.grants.length > 0} fallback={t().nothing}>
            <ul>
              <For each={props.me.grants}>
                {({ role, scope }) => (
                  <li>{t().grant(text().account.roles[role], scope === "*" ? t().everything : scope)}</li>
                )}
              </For>
            </ul>
          </Show>
        </Fact>
        <Show when={props.me.lastLoginAt}>
          {(at) => (
            <Fact name={text().people.lastLogin}>
              <Time at={at()} show="moment" />
            </Fact>
          )}
        </Show>
      </Facts>
    </div>
  );
}
