import { Navigate, useSearchParams } from "@solidjs/router";
import { createSignal, Match, Show, Switch } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { FormError } from "../../kit/field.tsx";
import { api, session } from "../../data/app.ts";
import { safeReturn } from "../../lib/navigation.model.ts";
import { isWhy } from "../../lib/session-end.model.ts";
import type { AuthMethods, NextStep } from "../../data/types.ts";
import { Gate } from "../../shell/gate.tsx";
import { FactorPrompt } from "./factor-prompt.tsx";
import { OtherWays } from "./other-ways.tsx";
import { PasswordForm } from "./password-form.tsx";
import { signIn } from "./sign-in.api.ts";
import { text } from "./texts.ts";

/** Until the server has said what there is; also when it can't be asked. */
const ASSUMED: AuthMethods = { methods: ["password"], alone: [], redirects: [], setup: false };

export default function LoginPage() {
  const [search] = useSearchParams<{ to?: string; failed?: string; why?: string }>();
  const [methods, setMethods] = createSignal<AuthMethods | null>(null);
  const [next, setNext] = createSignal<NextStep["next"] | null>(null);
  const [failure, setFailure] = createSignal<string | null>(failedText(search.failed));
  const t = () => text().login;
  api.methods().then(setMethods, () => setMethods(ASSUMED));

  return (
    <Show when={session.user() === null} fallback={<Navigate href={safeReturn(search.to)} />}>
      <Switch>
        <Match when={next()}>
          {(step) => (
            <Gate title={text().signIn.secondTitle} intro={text().signIn.secondIntro}>
              <div class="mt-6">
                <FactorPrompt
                  options={step().factors}
                  begin={(method) => signIn.beginSecond(step().ticket, method)}
                  finish={(method, answer) =>
                    signIn.finishSecond(step().ticket, method, answer).then(session.enter)
                  }
                  action={t().submit}
                  onLost={(message) => {
                    setNext(null);
                    setFailure(message);
                  }}
                />
              </div>
              <Button kind="ghost" icon="arrow-left" class="mt-4 -ml-3" onClick={() => setNext(null)}>
                {text().signIn.startAgain}
              </Button>
            </Gate>
          )}
        </Match>
        <Match when={true}>
          <Gate title={t().title} intro={isWhy(search.why) ? t().why[search.why] : ""}>
            <Show when={methods()?.setup}>
              <p class="mt-4 rounded-md border border-line-strong px-3 py-2">
                {t().setupOpen}{" "}
                <a href="/setup" class="text-accent underline">
                  {t().setupLink}
                </a>
              </p>
            </Show>
            <Show when={methods()}>
              {(known) => <OtherWays methods={known()} to={safeReturn(search.to)} onFailure={setFailure} />}
            </Show>
            <Show
              when={methods() === null || methods()!.methods.length > 0}
              fallback={
                <div class="mt-4">
                  <FormError message={failure()} />
                </div>
              }
            >
              <PasswordForm failure={failure()} onFailure={setFailure} onNext={setNext} />
            </Show>
          </Gate>
        </Match>
      </Switch>
    </Show>
  );
}

/** Why the way back from a provider ended here. */
function failedText(code: string | undefined): string | null {
  if (code === undefined) return null;
  const known: Record<string, string> = text().errors;
  return known[code] ?? text().signIn.failed;
}
