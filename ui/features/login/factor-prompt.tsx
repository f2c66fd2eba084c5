/** One factor asked for: a code to type, or the browser's authenticator; and the way to another one. */
import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Field, FormError } from "../../kit/field.tsx";
import { errorText } from "../../kit/states.tsx";
import { ApiError } from "../../data/api.ts";
import type { FactorOption, Question } from "../../data/types.ts";
import { inOrder } from "./login.model.ts";
import { askPasskey, canUsePasskeys, isCancelled } from "./webauthn.ts";
import { text } from "./texts.ts";

/** A method that this dashboard has no word for is called by its own name. */
export function methodName(method: string): string {
  const known: Record<string, string> = text().factors.names;
  return known[method] ?? method;
}

export function FactorPrompt(props: {
  options: readonly FactorOption[];
  /** The question of a method that asks one. */
  begin: (method: string) => Promise<Question>;
  finish: (method: string, answer: unknown, question: Question) => Promise<unknown>;
  /** Of the button that sends a code. */
  action: string;
  /** Something else is asked for, too: neither takes the focus nor opens the authenticator by itself. */
  waits?: boolean;
  /** What went wrong can't be mended here. */
  onLost?: (message: string) => void;
}) {
  const options = createMemo(() => inOrder(props.options, canUsePasskeys()));
  const [chosen, setChosen] = createSignal<string | null>(null);
  const [code, setCode] = createSignal("");
  const [failure, setFailure] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal(false);
  let form: HTMLFormElement | undefined;
  const t = () => text().signIn;
  const option = () => options().find(({ method }) => method === chosen()) ?? options()[0];

  function said(error: unknown): void {
    if (isCancelled(error)) setFailure(t().cancelled);
    else if (!(error instanceof ApiError)) setFailure(t().authenticatorFailed);
    else if (error.code === "auth.ticket_unknown" && props.onLost) props.onLost(errorText(error));
    else setFailure(errorText(error));
    setCode("");
    form?.querySelector("input")?.focus();
  }
  async function show(method: string, answerOf: (question: Question) => unknown): Promise<void> {
    if (busy()) return;
    setBusy(true);
    setFailure(null);
    try {
      const question = await props.begin(method);
      await props.finish(method, await answerOf(question), question);
    } catch (error) {
      said(error);
    } finally {
      setBusy(false);
    }
  }
  const showPasskey = (method: string) => show(method, ({ options: asked }) => askPasskey(asked));
  const sendCode = (event: SubmitEvent) => {
    event.preventDefault();
    const method = option()?.method;
    const typed = code();
    if (method === undefined) return;
    if (typed.trim() !== "") return void show(method, () => ({ code: typed }));
    setFailure(t().codeMissing);
    form?.querySelector("input")?.focus();
  };
  // The press that led here still counts for the browser: the authenticator may ask at once.
  createEffect(
    on(option, (now) => {
      if (now?.prompt === "webauthn" && (props.waits !== true || chosen() !== null))
        void showPasskey(now.method);
    }),
  );

  return (
    <div class="flex flex-col gap-4">
      <Show when={option()} fallback={<FormError message={t().noneUsable} />}>
        {(one) => (
          <Show
            when={one().prompt === "code"}
            fallback={
              <>
                <FormError message={failure()} />
                <Button
                  kind="primary"
                  class="h-9!"
                  icon="key"
                  busy={busy()}
                  onClick={() => void showPasskey(one().method)}
                >
                  {t().use(methodName(one().method))}
                </Button>
              </>
            }
          >
            <form ref={form} class="flex flex-col gap-4" onSubmit={sendCode} noValidate>
              <Field
                label={one().kind === "backup" ? methodName(one().method) : t().code}
                hint={one().kind === "backup" ? t().backupHint : t().codeHint}
                value={code()}
                onValue={setCode}
                inputmode={one().kind === "backup" ? "text" : "numeric"}
                autocomplete={one().kind === "backup" ? "off" : "one-time-code"}
                autocapitalize="none"
                spellcheck={false}
                autofocus={props.waits !== true}
              />
              <FormError message={failure()} />
              <Button type="submit" kind="primary" class="h-9!" busy={busy()}>
                {props.action}
              </Button>
            </form>
          </Show>
        )}
      </Show>
      <Show when={options().length > 1}>
        <ul class="flex flex-col items-start gap-1">
          <For each={options().filter(({ method }) => method !== option()?.method)}>
            {({ method }) => (
              <li>
                <button
                  type="button"
                  class="cursor-pointer py-1 text-accent hover:underline"
                  onClick={() => {
                    setFailure(null);
                    setCode("");
                    setChosen(method);
                  }}
                >
                  {t().instead(methodName(method))}
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </div>
  );
}
