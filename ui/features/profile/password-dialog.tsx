import { createSignal } from "solid-js";
import { createStore } from "solid-js/store";
import { createAct } from "../../kit/act.ts";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { Field, focusFirstInvalid, FormError } from "../../kit/field.tsx";
import { toast } from "../../kit/toast.tsx";
import { passwordFieldOf } from "../../lib/password-fault.model.ts";
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
  const act = createAct(async () => {
    await profile.changePassword(values.current, values.next);
    toast(text().profile.passwordChanged);
    props.onDone();
  });
  const refusedField = () => (act.refusal() === null ? null : passwordFieldOf(act.refusal()!.code));
  const write = (field: keyof PasswordValues, value: string) => {
    setValues(field, value);
    // What was said is about another one.
    if (refusedField() !== null) act.clear();
  };
  const issue = (field: keyof PasswordValues) => {
    if (field === (refusedField() === "new" ? "next" : refusedField())) return act.message()!;
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
    if ((await act.run()) !== null) queueMicrotask(() => focusFirstInvalid(form));
  };
  return (
    <form class="flex flex-col gap-4" onSubmit={submit} noValidate>
      <Field
        label={text().profile.currentPassword}
        type="password"
        value={values.current}
        onValue={(current) => write("current", current)}
        error={issue("current")}
        autocomplete="current-password"
        autofocus
      />
      <Field
        label={text().people.newPassword}
        type="password"
        value={values.next}
        onValue={(next) => write("next", next)}
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
      <FormError message={refusedField() === null ? act.message() : null} />
      <Button type="submit" kind="primary" class="h-9!" busy={act.busy()}>
        {text().profile.changePassword}
      </Button>
    </form>
  );
}
