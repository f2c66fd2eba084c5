/** Ways to log in without a password: a passkey, an identity provider. */
import { createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { errorText } from "../../kit/states.tsx";
import { ApiError } from "../../data/api.ts";
import { session } from "../../data/app.ts";
import type { AuthMethods } from "../../data/types.ts";
import { methodName } from "./factor-prompt.tsx";
import { signIn } from "./sign-in.api.ts";
import { askPasskey, canAutofill, canUsePasskeys, isCancelled, stopAsking } from "./webauthn.ts";
import { text } from "./texts.ts";

export function OtherWays(props: {
  methods: AuthMethods;
  /** Where in the dashboard one wanted to go. */
  to: string;
  onFailure: (message: string | null) => void;
}) {
  const [busy, setBusy] = createSignal<string | null>(null);
  const passkeys = () =>
    canUsePasskeys() ? props.methods.alone.filter(({ prompt }) => prompt === "webauthn") : [];
  const t = () => text().signIn;

  const say = (error: unknown) => {
    if (isCancelled(error)) return;
    props.onFailure(error instanceof ApiError ? errorText(error) : t().authenticatorFailed);
  };
  const ask = async (method: string, autofill: boolean) => {
    const question = await signIn.beginAlone(method);
    const answer = await askPasskey(question.options, autofill);
    session.enter(await signIn.finishAlone(method, question.ticket, answer));
  };
  const leave = async (method: string) => location.assign((await signIn.start(method, props.to)).url);
  async function go(method: string, isPasskey: boolean): Promise<void> {
    if (busy() !== null) return;
    setBusy(method);
    props.onFailure(null);
    try {
      await (isPasskey ? ask(method, false) : leave(method));
    } catch (error) {
      say(error);
    } finally {
      setBusy(null);
    }
  }

  // The browser offers passkeys in the name field until one is chosen or the page is left.
  async function offer(): Promise<void> {
    const [first] = passkeys();
    if (first === undefined || !(await canAutofill())) return;
    try {
      await ask(first.method, true);
    } catch (error) {
      if (error instanceof ApiError) say(error);
    }
  }
  onMount(() => void offer());
  onCleanup(() => void (passkeys().length > 0 && stopAsking()));

  return (
    <Show when={passkeys().length + props.methods.redirects.length > 0}>
      <div class="mt-6 flex flex-col gap-2">
        <For each={passkeys()}>
          {({ method }) => (
            <Button class="h-9!" icon="key" busy={busy() === method} onClick={() => void go(method, true)}>
              {t().with(methodName(method))}
            </Button>
          )}
        </For>
        <For each={props.methods.redirects}>
          {({ method, label }) => (
            <Button
              class="h-9!"
              icon="external"
              busy={busy() === method}
              onClick={() => void go(method, false)}
            >
              {t().with(label)}
            </Button>
          )}
        </For>
      </div>
      <Show when={props.methods.methods.length > 0}>
        <p class="mt-6 flex items-center gap-3 text-sm text-faint before:(h-px flex-1 bg-line content-empty) after:(h-px flex-1 bg-line content-empty)">
          {t().or}
        </p>
      </Show>
    </Show>
  );
}
