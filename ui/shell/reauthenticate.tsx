import { createSignal } from "solid-js";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Field } from "../kit/field.tsx";
import { errorText } from "../kit/states.tsx";
import { ApiError } from "../lib/api.ts";
import { api, session } from "../lib/app.ts";
import { text } from "../lib/i18n.ts";
import { answerWhoItIs, asking } from "../lib/reauthenticate.ts";

/** Asks for the password before something weighty; what was under way goes on by itself. */
export default function Reauthenticate() {
  return (
    <Dialog open={asking()} onClose={() => answerWhoItIs(false)} title={text().reauthenticate.title}>
      <PasswordForm />
    </Dialog>
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
      <p class="text-pretty text-muted">{t().body}</p>
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
