import { useLocation } from "@solidjs/router";
import { createResource, createSignal, For, Show } from "solid-js";
import { FactorPrompt } from "./factor-prompt.tsx";
import { again, signIn } from "./sign-in.api.ts";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { Field, FormError } from "../../kit/field.tsx";
import { errorText, Skeleton } from "../../kit/states.tsx";
import { ApiError } from "../../data/api.ts";
import { api, session } from "../../data/app.ts";
import { enSignIn } from "../../texts/en/sign-in.ts";
import { textsWith } from "../../texts/i18n.ts";
import { answerWhoItIs, asking } from "../../lib/who-it-is.ts";
import type { WaysAgain } from "../../data/types.ts";

const text = textsWith(enSignIn);

/** Asks who it is before something weighty, by any proof the person has; what was under way goes on by itself. */
export default function Reauthenticate() {
  return (
    <Dialog open={asking()} onClose={() => answerWhoItIs(false)} title={text().reauthenticate.title}>
      <Ways />
    </Dialog>
  );
}

const isStuck = ({ password, factors, redirects }: WaysAgain) =>
  !password && factors.length === 0 && redirects.length === 0;

function Ways() {
  const location = useLocation();
  const [failure, setFailure] = createSignal<string | null>(null);
  const [ways] = createResource(() =>
    again.ways().catch((error: unknown) => {
      setFailure(error instanceof ApiError ? errorText(error) : text().common.failed);
      return null;
    }),
  );
  const leave = async (method: string) =>
    window.location.assign((await signIn.start(method, location.pathname + location.search, true)).url);
  return (
    <div class="flex flex-col gap-4">
      <p class="text-pretty text-muted">{text().reauthenticate.body}</p>
      <Show when={!ways.loading} fallback={<Skeleton rows={2} />}>
        <Show when={ways()} fallback={<FormError message={failure()} />}>
          {(known) => (
            <>
              <Show when={known().password || known().factors.length > 0}>
                <p class="-mt-3 text-pretty text-muted">{text().reauthenticate.goesOn}</p>
              </Show>
              <Show when={isStuck(known())}>
                <p role="alert">{text().reauthenticate.none}</p>
              </Show>
              <Show when={known().password}>
                <PasswordForm />
              </Show>
              <Show when={known().factors.length > 0}>
                <FactorPrompt
                  options={known().factors}
                  waits={known().password}
                  begin={again.begin}
                  finish={(_method, answer, question) =>
                    again.byFactor(question.ticket, answer).then(() => answerWhoItIs(true))
                  }
                  action={text().reauthenticate.submit}
                />
              </Show>
              <For each={known().redirects}>
                {({ method, label }) => (
                  <div>
                    <Button icon="external" onClick={() => void leave(method)}>
                      {text().signIn.againElsewhere(label)}
                    </Button>
                    <p class="mt-1.5 text-sm text-muted">{text().signIn.againElsewhereHint}</p>
                  </div>
                )}
              </For>
            </>
          )}
        </Show>
      </Show>
    </div>
  );
}

function PasswordForm() {
  const t = () => text().reauthenticate;
  const [password, setPassword] = createSignal("");
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string | undefined>();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (password() === "") return void setError(text().login.passwordMissing);
    setBusy(true);
    setError(undefined);
    try {
      await api.reauthenticate(password());
      answerWhoItIs(true);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(errorText(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="flex flex-col gap-4" onSubmit={submit} novalidate>
      {/* Password managers look for the name beside it. */}
      <input type="text" hidden readOnly autocomplete="username" value={session.user()?.name ?? ""} />
      <Field
        label={text().login.password}
        type="password"
        autocomplete="current-password"
        value={password()}
        onValue={setPassword}
        error={error()}
        autofocus
      />
      <div class="flex justify-end gap-2">
        <Button onClick={() => answerWhoItIs(false)}>{text().common.cancel}</Button>
        <Button type="submit" kind="primary" busy={busy()}>
          {t().submit}
        </Button>
      </div>
    </form>
  );
}
