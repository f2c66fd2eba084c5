import { Navigate } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../kit/button.tsx";
import { Field, focusFirstInvalid, FormError } from "../../kit/field.tsx";
import { errorText } from "../../kit/states.tsx";
import { ApiError } from "../../data/api.ts";
import { session } from "../../data/app.ts";
import { passwordFieldOf } from "../../lib/password-fault.model.ts";
import { Gate } from "../../shell/gate.tsx";
import { checkSetup, PASSWORD_MIN, tokenFrom, type SetupValues } from "./setup.model.ts";
import { text } from "./texts.ts";

/** The token leaves the address at once: it must not stay in the history or on a screenshot. */
function takeToken(): string {
  const token = tokenFrom(location.hash);
  if (location.hash !== "") history.replaceState(history.state, "", location.pathname);
  return token;
}

export default function SetupPage() {
  const token = takeToken();
  const [values, setValues] = createStore<SetupValues>({ token, name: "admin", password: "", again: "" });
  const [issues, setIssues] = createSignal<ReturnType<typeof checkSetup>>({});
  const [failure, setFailure] = createSignal<ApiError | null>(null);
  const [busy, setBusy] = createSignal(false);
  const t = () => text().setup;
  const refusedField = () => (failure() === null ? null : passwordFieldOf(failure()!.code));
  const issue = (field: keyof SetupValues) => {
    if (field === "password" && refusedField() === "new") return errorText(failure()!);
    const code = issues()[field];
    if (code === undefined) return undefined;
    return code === "passwordShort" ? t().passwordShort(PASSWORD_MIN) : t()[code];
  };
  /** Asked for when the link had none, and again when the server refused it. */
  const asksToken = () => token === "" || failure()?.code.includes("token") === true;

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (busy()) return;
    setIssues(checkSetup(values));
    if (Object.keys(issues()).length > 0) return focusFirstInvalid(form);
    setBusy(true);
    setFailure(null);
    try {
      await session.setup(tokenFrom(values.token), values.name.trim(), values.password);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
      queueMicrotask(() => focusFirstInvalid(form));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Show when={session.user() === null} fallback={<Navigate href={busy() ? "/welcome" : "/"} />}>
      <Gate title={t().title} intro={t().intro}>
        <form class="mt-6 flex flex-col gap-4" onSubmit={submit} noValidate>
          <Show when={asksToken()}>
            <Field
              label={t().token}
              value={values.token}
              onValue={(value) => setValues("token", value)}
              hint={t().tokenHint}
              error={issue("token")}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
            />
          </Show>
          <Field
            label={t().name}
            value={values.name}
            onValue={(name) => setValues("name", name)}
            hint={t().nameHint}
            error={issue("name")}
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            autofocus
          />
          <Field
            label={t().password}
            type="password"
            value={values.password}
            onValue={(password) => {
              setValues("password", password);
              // What was said is about another one.
              if (refusedField() !== null) setFailure(null);
            }}
            hint={t().passwordHint(PASSWORD_MIN)}
            error={issue("password")}
            autocomplete="new-password"
          />
          <Field
            label={t().again}
            type="password"
            value={values.again}
            onValue={(again) => setValues("again", again)}
            error={issue("again")}
            autocomplete="new-password"
          />
          <FormError message={failure() === null || refusedField() !== null ? null : errorText(failure()!)} />
          <Button type="submit" kind="primary" class="h-9!" busy={busy()}>
            {t().submit}
          </Button>
          <a href="/login" class="self-center text-sm text-muted hover:text-ink">
            {t().haveAccount}
          </a>
        </form>
      </Gate>
    </Show>
  );
}
