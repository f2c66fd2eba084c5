/** Before anything else: the second factor that this account must have. */
import { Navigate, useSearchParams } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { QueryView, Skeleton } from "../../kit/states.tsx";
import { session } from "../../data/app.ts";
import { createLoaded } from "../../data/loaded.ts";
import { loginPath, safeReturn } from "../../lib/navigation.model.ts";
import type { FactorOption } from "../../data/types.ts";
import { Gate } from "../../shell/gate.tsx";
import Reauthenticate from "./reauthenticate.tsx";
import { EnrolForm, thingName } from "../profile/enrol-form.tsx";
import { profile } from "../profile/profile.api.ts";
import { addable } from "../profile/profile.model.ts";
import { canUsePasskeys } from "./webauthn.ts";
import { text } from "./texts.ts";

export default function EnrolPage() {
  const [search] = useSearchParams<{ to?: string }>();
  const state = session.state;
  const why = () => {
    const now = state();
    return now.kind === "out" ? now.why : undefined;
  };
  const must = () => {
    const now = state();
    return now.kind === "in" && now.mustEnrol;
  };
  return (
    <Show when={why() === undefined} fallback={<Navigate href={loginPath(safeReturn(search.to), why())} />}>
      <Show when={must() || state().kind !== "in"} fallback={<Navigate href={safeReturn(search.to)} />}>
        <Show when={must()}>
          <Enrol />
          <Reauthenticate />
        </Show>
      </Show>
    </Show>
  );
}

function Enrol() {
  const factors = createLoaded(profile.factors);
  const [chosen, setChosen] = createSignal<FactorOption | null>(null);
  const t = () => text().signIn;
  const options = () => {
    const known = factors.value();
    return known === null ? [] : addable(known.items, known.methods, canUsePasskeys());
  };
  return (
    <Gate wide title={t().mustTitle} intro={t().mustIntro}>
      <div class="mt-6">
        <Show
          when={chosen()}
          fallback={
            <QueryView
              state={factors.state}
              isEmpty={options().length === 0}
              skeleton={<Skeleton rows={2} rowClass="h-14" />}
              onRetry={() => void factors.reload()}
              empty={<p role="alert">{t().noneUsable}</p>}
            >
              <ul class="overflow-hidden rounded-lg border border-line bg-surface">
                <For each={options()}>
                  {(option) => (
                    <li class="flex min-h-14 items-center gap-3 border-line px-4 py-3 not-last:border-b">
                      <div class="min-w-0 flex-1">
                        <p class="font-medium">{thingName(option.method)}</p>
                        <p class="text-sm text-muted text-pretty">{text().factors.about[option.method]}</p>
                      </div>
                      <Button
                        aria-label={text().factors.addName(thingName(option.method))}
                        onClick={() => setChosen(option)}
                      >
                        {text().factors.add}
                      </Button>
                    </li>
                  )}
                </For>
              </ul>
            </QueryView>
          }
        >
          {(option) => <EnrolForm option={option()} onDone={() => void session.check()} />}
        </Show>
      </div>
      <Button
        kind="ghost"
        icon={chosen() === null ? "logout" : "arrow-left"}
        class="mt-4 -ml-3"
        onClick={() => (chosen() === null ? void session.logout() : setChosen(null))}
      >
        {chosen() === null ? text().account.logout : t().startAgain}
      </Button>
    </Gate>
  );
}
