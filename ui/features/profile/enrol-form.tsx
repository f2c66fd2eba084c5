/** Adding one factor: a QR code and the first code from it, the browser's authenticator, or codes to keep. */
import { createResource, createSignal, For, Match, Show, Switch } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Field, FormError } from "../../kit/field.tsx";
import { Command, errorText, Skeleton } from "../../kit/states.tsx";
import { ApiError } from "../../data/api.ts";
import type { FactorItem, FactorOption, Question } from "../../data/types.ts";
import { isCancelled, makePasskey } from "../login/webauthn.ts";
import { profile } from "./profile.api.ts";
import { clientOf } from "./profile.model.ts";
import { text } from "./texts.ts";

/** What the methods of prompt `code` show. */
interface Shown {
  secret?: string;
  uri?: string;
  /** SVG, drawn by the server. */
  qr?: string;
  codes?: string[];
}

/** Name of a thing that is added, at the beginning of a line. */
export function thingName(method: string): string {
  const known: Record<string, string> = text().addFactor.names;
  return known[method] ?? method;
}

export function EnrolForm(props: { option: FactorOption; onDone: (item: FactorItem) => void }) {
  // The form is about the option it was opened with.
  // eslint-disable-next-line solid/reactivity
  const { option } = props;
  const [name, setName] = createSignal(suggestedName(option));
  const [failure, setFailure] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal(false);
  const t = () => text().addFactor;
  const begin = () =>
    profile.beginFactor(option.method).catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      setFailure(errorText(error));
      return null;
    });
  // A passkey's question is asked when the button is pressed: the browser wants the press, and questions get old.
  const [question] = createResource(() => (option.prompt === "code" ? begin() : null));
  const shown = () => question()?.options as Shown | undefined;

  async function add(asked: Question | null | undefined, answerOf: () => unknown): Promise<void> {
    if (busy() || !asked) return;
    setBusy(true);
    setFailure(null);
    try {
      const answer = await answerOf();
      props.onDone(await profile.addFactor(asked.ticket, name().trim() || thingName(option.method), answer));
    } catch (error) {
      if (isCancelled(error)) setFailure(text().signIn.cancelled);
      else setFailure(error instanceof ApiError ? errorText(error) : text().signIn.authenticatorFailed);
    } finally {
      setBusy(false);
    }
  }
  const createPasskey = async () => {
    const asked = await begin();
    await add(asked, () => makePasskey(asked?.options));
  };

  return (
    <div class="flex flex-col gap-4">
      <Switch fallback={<FormError message={failure()} />}>
        <Match when={option.prompt === "webauthn"}>
          <p class="text-pretty text-muted">{t().passkeyBody}</p>
          <Field
            label={t().name}
            hint={t().nameHint}
            value={name()}
            onValue={setName}
            maxlength={100}
            autofocus
          />
          <FormError message={failure()} />
          <Button kind="primary" icon="key" class="h-9!" busy={busy()} onClick={() => void createPasskey()}>
            {t().passkeyAction}
          </Button>
        </Match>
        <Match when={question.loading}>
          <Skeleton rows={4} />
        </Match>
        <Match when={shown()?.codes}>
          {(codes) => (
            <Codes
              codes={codes()}
              failure={failure()}
              busy={busy()}
              onSaved={() => void add(question(), () => ({ saved: true }))}
            />
          )}
        </Match>
        <Match when={shown()}>
          {(options) => (
            <AppForm
              options={options()}
              name={name()}
              onName={setName}
              failure={failure()}
              busy={busy()}
              onCode={(code) => void add(question(), () => ({ code }))}
            />
          )}
        </Match>
      </Switch>
    </div>
  );
}

function suggestedName({ method, prompt }: FactorOption): string {
  if (prompt === "code") return thingName(method);
  const { browser, system } = clientOf(navigator.userAgent);
  return browser === null || system === null ? thingName(method) : text().profile.on(browser, system);
}

function AppForm(props: {
  options: Shown;
  name: string;
  onName: (name: string) => void;
  failure: string | null;
  busy: boolean;
  onCode: (code: string) => void;
}) {
  const [code, setCode] = createSignal("");
  const [missing, setMissing] = createSignal(false);
  const t = () => text().addFactor;
  const submit = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    setMissing(code().trim() === "");
    if (missing()) event.currentTarget.querySelector<HTMLInputElement>("input[inputmode]")?.focus();
    else props.onCode(code());
  };
  return (
    <form class="flex flex-col gap-4" onSubmit={submit} noValidate>
      <div>
        <p>{t().scan}</p>
        {/* White in both themes: cameras want dark on light. */}
        <img
          class="mx-auto mt-3 size-48 rounded-md bg-white p-2"
          alt={t().qr}
          src={`data:image/svg+xml,${encodeURIComponent(props.options.qr ?? "")}`}
        />
        <p class="mt-3 text-sm text-muted">{t().byHand}</p>
        <div class="mt-1">
          <Command line={props.options.secret ?? ""} />
        </div>
        <a
          href={props.options.uri}
          target="_self"
          class="mt-2 inline-block text-sm text-accent hover:underline"
        >
          {t().openApp}
        </a>
      </div>
      <Field
        label={t().thenCode}
        value={code()}
        onValue={setCode}
        error={missing() ? text().signIn.codeMissing : undefined}
        inputmode="numeric"
        autocomplete="one-time-code"
        autofocus
      />
      <Field label={t().name} hint={t().nameHint} value={props.name} onValue={props.onName} maxlength={100} />
      <FormError message={props.failure} />
      <Button type="submit" kind="primary" class="h-9!" busy={props.busy}>
        {t().finish}
      </Button>
    </form>
  );
}

function Codes(props: { codes: string[]; failure: string | null; busy: boolean; onSaved: () => void }) {
  const t = () => text().addFactor;
  const all = () => props.codes.join("\n");
  const file = () => `data:text/plain;charset=utf-8,${encodeURIComponent(`${t().fileHead}\n\n${all()}\n`)}`;
  return (
    <div class="flex flex-col gap-4">
      <p class="text-pretty text-muted">{t().codesBody}</p>
      <ol class="rounded-md border border-line-strong bg-page px-4 py-3" aria-label={thingName("recovery")}>
        <For each={props.codes}>
          {(code) => (
            <li>
              <code>{code}</code>
            </li>
          )}
        </For>
      </ol>
      <div class="flex gap-2">
        <Show when={window.isSecureContext}>
          <Button icon="copy" onClick={() => void navigator.clipboard.writeText(all())}>
            {t().copyAll}
          </Button>
        </Show>
        <a
          href={file()}
          download={t().fileName}
          target="_self"
          class="inline-flex h-8 items-center rounded-md border border-line-strong px-3 font-medium hover:bg-hover"
        >
          {t().download}
        </a>
      </div>
      <FormError message={props.failure} />
      <Button kind="primary" class="h-9!" busy={props.busy} onClick={() => props.onSaved()}>
        {t().saved}
      </Button>
    </div>
  );
}
