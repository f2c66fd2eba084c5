/** What repairs may do by themselves: what was earned and waits for a yes, what is in force, and what shadows would have done. */
import { createEffect, createSignal, For, on, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Confirm } from "../../kit/confirm.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Table, Th } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { toast } from "../../kit/toast.tsx";
import { actorName } from "../../texts/actor-name.ts";
import { live, session } from "../../data/app.ts";
import { createLoaded } from "../../data/loaded.ts";
import type { AutonomyGrant, AutonomyOffer } from "../../data/types.ts";
import { autonomyApi } from "./autonomy.api.ts";
import { atLeast, scopeText, sortGrants } from "./autonomy.model.ts";
import { GrantRow, type GrantAct } from "./grant-row.tsx";
import { SetDialog } from "./set-dialog.tsx";
import { text } from "./texts.ts";

const placeText = (scope: string): string =>
  scopeText(
    scope,
    (id) => live.data.nodes.items.find((node) => node.id === id)?.name,
    text().earned.everywhere,
  );

type Asked = { act: "accept"; offer: AutonomyOffer } | { act: GrantAct; grant: AutonomyGrant };

export default function AutonomyPage() {
  const t = () => text().earned;
  const isAdmin = () => session.user()?.role === "admin";
  const grants = createLoaded(autonomyApi.grants);
  const offers = createLoaded(autonomyApi.offers);
  const history = createLoaded(autonomyApi.history);
  const shadows = createLoaded(autonomyApi.shadows);
  const [asked, setAsked] = createSignal<Asked | null>(null);
  const [setting, setSetting] = createSignal(false);
  const reload = () => void Promise.all([grants, offers, history, shadows].map((one) => one.reload()));
  // Grants are told live; what was earned follows from how repairs end, and shadows from what is proposed.
  const seen = () =>
    JSON.stringify([
      live.data.autonomy.items.map(({ id }) => id),
      live.data.intents.items.flatMap((one) => (one.kind === "repair" ? `${one.id} ${one.state}` : [])),
    ]);
  createEffect(on(seen, reload, { defer: true }));

  const carryOut = async () => {
    const now = asked()!;
    if (now.act === "accept") await autonomyApi.set(now.offer.repair, now.offer.scope, "act", "");
    else if (now.act === "demote") await autonomyApi.demote(now.grant.id, "");
    else await autonomyApi.remove(now.grant.id);
    toast(t().done[now.act]);
    reload();
  };
  const subject = () => {
    const now = asked();
    if (now === null) return { repair: "", place: "" };
    const { repair, scope } = now.act === "accept" ? now.offer : now.grant;
    return { repair, place: placeText(scope) };
  };

  return (
    <div class="flex flex-col gap-6">
      <Show when={(offers.value()?.length ?? 0) > 0}>
        <Panel title={t().offers} count={offers.value()!.length}>
          <For each={offers.value()}>
            {(offer) => (
              <div class="flex flex-col gap-3 border-line px-4 py-3 not-last:border-b sm:(flex-row items-center)">
                <div class="min-w-0 flex-1">
                  <p class="truncate font-medium">{t().offer(offer.repair, placeText(offer.scope))}</p>
                  <p class="text-sm text-muted text-pretty">
                    {t().evidence(
                      offer.evidence.verified,
                      offer.evidence.failed,
                      atLeast(offer.evidence.bound),
                    )}
                  </p>
                </div>
                <Show when={isAdmin()}>
                  <Button kind="primary" onClick={() => setAsked({ act: "accept", offer })}>
                    {t().accept}
                  </Button>
                </Show>
              </div>
            )}
          </For>
        </Panel>
      </Show>
      <Panel
        title={t().grants}
        count={grants.value()?.length}
        actions={
          <Show when={isAdmin()}>
            <Button small icon="plus" onClick={() => setSetting(true)}>
              {t().add}
            </Button>
          </Show>
        }
      >
        <QueryView
          state={grants.state}
          isEmpty={grants.value()?.length === 0}
          skeleton={<Skeleton rows={3} />}
          onRetry={reload}
          empty={<Empty icon="shield" title={t().empty} body={t().emptyBody} />}
        >
          <Table
            label={t().grants}
            head={
              <>
                <Th>{t().repair}</Th>
                <Th class="max-md:hidden">{t().seen}</Th>
                <Th class="max-sm:hidden">{t().nodes}</Th>
                <Th class="w-28">
                  <span class="sr-only">{text().common.actions}</span>
                </Th>
              </>
            }
          >
            <For each={sortGrants(grants.value() ?? [])}>
              {(grant) => (
                <GrantRow
                  grant={grant}
                  place={placeText(grant.scope)}
                  isAdmin={isAdmin()}
                  onAct={(act) => setAsked({ act, grant })}
                />
              )}
            </For>
          </Table>
        </QueryView>
      </Panel>
      <Panel title={t().shadows} count={shadows.value()?.length}>
        <QueryView
          state={shadows.state}
          isEmpty={shadows.value()?.length === 0}
          skeleton={<Skeleton rows={2} />}
          onRetry={reload}
          empty={<Empty small icon="eye" title={t().noShadows} />}
        >
          <ul>
            <For each={shadows.value()}>
              {(one) => (
                <li class="flex flex-wrap items-baseline gap-x-3 border-line px-4 py-2 not-last:border-b">
                  <span class="min-w-0 flex-1 basis-60 text-pretty">{one.summary}</span>
                  <span class="text-sm text-muted">
                    {one.nodeName} · <Time at={one.createdAt} />
                  </span>
                </li>
              )}
            </For>
          </ul>
        </QueryView>
      </Panel>
      <Show when={(history.value()?.length ?? 0) > 0}>
        <Panel title={t().history} count={history.value()!.length}>
          <ul>
            <For each={history.value()}>
              {(one) => (
                <li class="border-line px-4 py-2 not-last:border-b">
                  <p class="truncate">{t().was(one.repair, placeText(one.scope), t().states[one.state])}</p>
                  <p class="text-sm text-muted text-pretty">
                    <Time at={one.endedAt ?? one.at} /> · {actorName(one.endedBy ?? "")}
                    {one.endReason ? `: ${one.endReason}` : ""}
                  </p>
                </li>
              )}
            </For>
          </ul>
        </Panel>
      </Show>
      <Confirm
        open={asked() !== null}
        title={asked() === null ? "" : t().title[asked()!.act](subject().repair, subject().place)}
        action={asked() === null ? "" : t().acts[asked()!.act]}
        kind={asked()?.act === "accept" ? "primary" : "danger"}
        onClose={() => setAsked(null)}
        onConfirm={carryOut}
      >
        {asked() === null ? "" : t().body[asked()!.act]}
      </Confirm>
      <SetDialog open={setting()} onClose={() => setSetting(false)} onSaved={reload} />
    </div>
  );
}
