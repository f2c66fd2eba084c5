import { createSignal } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { Field, focusFirstInvalid, FormError } from "../../kit/field.tsx";
import { errorText } from "../../kit/states.tsx";
import { toast } from "../../kit/toast.tsx";
import { ApiError } from "../../data/api.ts";
import { PASSWORD_MIN } from "../setup/setup.model.ts";
import { profile } from "./profile.api.ts";
import { checkPassword, type PasswordValues } from "./profile.model.ts";
import { text } from "./texts.ts";

/** A new password, with the old one; other sessions end. */
export function PasswordDialog(props: { open: boolean; onClose: () => void; onChanged: () => void }) {
  return (
    <Dialog open={props.open} onClose={props.onClose} title={text().profile.changePassword}>
      <PasswordForm
        onDone={() => {
          props.onClose();
          props.onChanged();
        }}
      />
    </Dialog>
  );
}

function PasswordForm(props: { onDone: () => void }) {
  const [values, setValues] = createStore<PasswordValues>({ current: "", next: "", again: "" });
  const [tried, setTried] = createSignal(false);
  const [failure, setFailure] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal(false);
  const issue = (field: keyof PasswordValues) => {
    const code = tried() ? checkPassword(values)[field] : undefined;
    if (code === undefined) return undefined;
    if (code === "passwordShort") return text().setup.passwordShort(PASSWORD_MIN);
    return code === "passwordMissing" ? text().login.passwordMissing : text().setup.againDifferent;
  };
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    setTried(true);
    if (Object.keys(checkPassword(values)).length > 0) {
      queueMicrotask(() => focusFirstInvalid(form));
      return;
    }
    if (busy()) return;
    setBusy(true);
    setFailure(null);
    try {
      await profile.changePassword(values.current, values.next);
      toast(text().profile.passwordChanged);
      props.onDone();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="flex flex-col gap-4" onSubmit={submit} noValidate>
      <Field
        label={text().profile.currentPassword}
        type="password"
        value={values.current}
        onValue={(current) => setValues("current", current)}
        error={issue("current")}
        autocomplete="current-password"
        autofocus
      />
      <Field
        label={text().people.newPassword}
        type="password"
        value={values.next}
        onValue={(next) => setValues("next", next)}
        hint={text().setup.passwordHint(PASSWORD_MIN)}
        error={issue("next")}
        autocomplete="new-password"
      />
      <Field
        label={text().setup.again}
        type="password"
        value={values.again}
        onValue={(again) => setValues("again", again)}
        error={issue("again")}
        autocomplete="new-password"
      />
      <FormError message={failure()} />
      <Button type="submit" kind="primary" class="h-9!" busy={busy()}>
        {text().profile.changePassword}
      </Button>
    </form>
  );
}
