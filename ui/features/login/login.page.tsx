import { Navigate, useSearchParams } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../kit/button.tsx";
import { Field, focusFirstInvalid, FormError } from "../../kit/field.tsx";
import { errorText } from "../../kit/states.tsx";
import { ApiError } from "../../lib/api.ts";
import { api, session } from "../../lib/app.ts";
import { text } from "../../lib/i18n.ts";
import { safeReturn } from "../../lib/navigation.model.ts";
import { Gate } from "../../shell/gate.tsx";
import { checkLogin, type LoginValues } from "./login.model.ts";

export default function LoginPage() {
  const [search] = useSearchParams<{ to?: string }>();
  const [values, setValues] = createStore<LoginValues>({ name: "", password: "" });
  const [issues, setIssues] = createSignal<ReturnType<typeof checkLogin>>({});
  const [failure, setFailure] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal(false);
  const [setupOpen, setSetupOpen] = createSignal(false);
  const t = () => text().login;
  // A fresh Cortex has nobody to log in as. Not knowing is no reason to say anything.
  api.methods().then(
    ({ setup }) => setSetupOpen(setup),
    () => undefined,
  );
  const issue = (field: keyof LoginValues) => {
    const code = issues()[field];
    return code === undefined ? undefined : t()[code];
  };

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (busy()) return;
    setIssues(checkLogin(values));
    if (Object.keys(issues()).length > 0) return focusFirstInvalid(form);
    setBusy(true);
    setFailure(null);
    try {
      await session.login(values.name.trim(), values.password);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(errorText(error));
      setValues("password", "");
      form.querySelector<HTMLInputElement>('input[type="password"]')?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <Show when={session.user() === null} fallback={<Navigate href={safeReturn(search.to)} />}>
      <Gate title={t().title} intro={search.to === undefined ? "" : t().ended}>
        <Show when={setupOpen()}>
          <p class="mt-4 rounded-md border border-line-strong px-3 py-2">
            {t().setupOpen}{" "}
            <a href="/setup" class="text-accent hover:underline">
              {t().setupLink}
            </a>
          </p>
        </Show>
        <form class="mt-6 flex flex-col gap-4" onSubmit={submit} noValidate>
          <Field
            label={t().name}
            value={values.name}
            onValue={(name) => setValues("name", name)}
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
            onValue={(password) => setValues("password", password)}
            error={issue("password")}
            autocomplete="current-password"
          />
          <FormError message={failure()} />
          <Button type="submit" kind="primary" class="h-9!" busy={busy()}>
            {t().submit}
          </Button>
        </form>
      </Gate>
    </Show>
  );
}
