import { createSignal } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../kit/button.tsx";
import { Field, focusFirstInvalid, FormError } from "../../kit/field.tsx";
import { errorText } from "../../kit/states.tsx";
import { ApiError } from "../../data/api.ts";
import { session } from "../../data/app.ts";
import type { NextStep } from "../../data/types.ts";
import { checkLogin, type LoginValues } from "./login.model.ts";
import { text } from "./texts.ts";

/** Name and password. */
export function PasswordForm(props: {
  failure: string | null;
  onFailure: (message: string | null) => void;
  onNext: (step: NextStep["next"]) => void;
}) {
  const [values, setValues] = createStore<LoginValues>({ name: "", password: "" });
  const [issues, setIssues] = createSignal<ReturnType<typeof checkLogin>>({});
  const [busy, setBusy] = createSignal(false);
  const t = () => text().login;
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
    props.onFailure(null);
    try {
      const next = await session.login(values.name.trim(), values.password);
      if (next !== null) props.onNext(next);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      props.onFailure(errorText(error));
      setValues("password", "");
      form.querySelector<HTMLInputElement>('input[type="password"]')?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="mt-6 flex flex-col gap-4" onSubmit={submit} noValidate>
      <Field
        label={t().name}
        value={values.name}
        onValue={(name) => setValues("name", name)}
        error={issue("name")}
        // The last word lets the browser offer passkeys here.
        autocomplete={"username webauthn" as "username"}
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
      <FormError message={props.failure} />
      <Button type="submit" kind="primary" class="h-9!" busy={busy()}>
        {t().submit}
      </Button>
    </form>
  );
}
