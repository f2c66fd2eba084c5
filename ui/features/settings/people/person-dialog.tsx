import { createSignal, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { createAct } from "../../../kit/act.ts";
import { Button } from "../../../kit/button.tsx";
import { CheckField } from "../../../kit/check-field.tsx";
import { Confirm } from "../../../kit/confirm.tsx";
import { Dialog } from "../../../kit/dialog.tsx";
import { Field, focusFirstInvalid, FormError } from "../../../kit/field.tsx";
import { toast } from "../../../kit/toast.tsx";
import { session } from "../../../data/app.ts";
import type { UserItem } from "../../../data/types.ts";
import { accounts } from "../accounts.ts";
import { GrantsField } from "../grants-field.tsx";
import { grantOf, isIncomplete, rowOf, sameGrants } from "../grants.model.ts";
import { passwordFieldOf } from "../../../lib/password-fault.model.ts";
import { PASSWORD_MIN } from "../../setup/setup.model.ts";
import { type PersonIssue, wrongWithPerson } from "./person.model.ts";
import { text } from "../texts.ts";

/** Add somebody, or change, shut out or delete one who is there. */
export function PersonDialog(props: {
  person: UserItem | "new" | null;
  onClose: () => void;
  onChanged: () => void;
}) {
  const known = () => (props.person === "new" || props.person === null ? null : props.person);
  return (
    <Dialog
      open={props.person !== null}
      onClose={props.onClose}
      title={known() === null ? text().people.add : text().people.editName(known()!.name)}
    >
      <PersonForm user={known()} onClose={props.onClose} onChanged={props.onChanged} />
    </Dialog>
  );
}

function said(issue: PersonIssue | undefined): string | undefined {
  if (issue === undefined) return undefined;
  return issue === "passwordShort" ? text().setup.passwordShort(PASSWORD_MIN) : text().setup[issue];
}

function PersonForm(props: { user: UserItem | null; onClose: () => void; onChanged: () => void }) {
  const t = () => text().people;
  // The form starts from what was known when it opened; a list that changes under it must not overwrite typing.
  // eslint-disable-next-line solid/reactivity
  const user = props.user;
  const [form, setForm] = createStore({
    name: user?.name ?? "",
    password: "",
    grants: (user?.grants ?? [{ role: "viewer" as const, scope: "*" }]).map(rowOf),
    disabled: user?.disabled ?? false,
  });
  const [tried, setTried] = createSignal(false);
  const [deleting, setDeleting] = createSignal(false);
  const wrong = () => (tried() ? wrongWithPerson(form, user === null) : {});
  const act = createAct(async () => {
    await save();
    toast(user === null ? t().added(form.name.trim()) : t().changed(form.name));
    props.onChanged();
    props.onClose();
  });
  const isOfPassword = () => act.refusal() !== null && passwordFieldOf(act.refusal()!.code) === "new";
  const writePassword = (password: string) => {
    setForm("password", password);
    // What was said is about another one.
    if (isOfPassword()) act.clear();
  };
  const isMe = user !== null && user.name === session.user()?.name;

  const grants = () => form.grants.map(grantOf);
  const isWrong = () =>
    Object.keys(wrongWithPerson(form, user === null)).length > 0 || form.grants.some(isIncomplete);

  const save = () =>
    user === null
      ? accounts.addUser({ name: form.name.trim(), password: form.password, grants: grants() })
      : accounts.changeUser(user.id, {
          ...(!sameGrants(grants(), user.grants) && { grants: grants() }),
          ...(form.disabled !== user.disabled && { disabled: form.disabled }),
          ...(form.password !== "" && { password: form.password }),
        });

  const remove = async () => {
    await accounts.removeUser(user!.id);
    props.onChanged();
    props.onClose();
  };

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const element = event.currentTarget;
    setTried(true);
    if (isWrong()) {
      queueMicrotask(() => focusFirstInvalid(element));
      return;
    }
    if ((await act.run()) !== null) queueMicrotask(() => focusFirstInvalid(element));
  };

  return (
    <form class="flex flex-col gap-4" onSubmit={submit} novalidate>
      <Show when={user === null}>
        <Field
          label={t().name}
          value={form.name}
          onValue={(name) => setForm("name", name)}
          error={said(wrong().name)}
          autocomplete="off"
          autofocus
        />
      </Show>
      <GrantsField rows={form.grants} tried={tried()} onChange={(grants) => setForm("grants", grants)} />
      <Field
        label={user === null ? text().login.password : t().newPassword}
        type="password"
        value={form.password}
        onValue={writePassword}
        hint={user === null ? text().setup.passwordHint(PASSWORD_MIN) : t().newPasswordHint}
        error={isOfPassword() ? act.message()! : said(wrong().password)}
        autocomplete="new-password"
      />
      <Show when={user !== null && !isMe}>
        <CheckField
          label={t().shutOut}
          hint={t().shutOutHint}
          checked={form.disabled}
          onChange={(disabled) => setForm("disabled", disabled)}
        />
      </Show>
      <FormError message={isOfPassword() ? null : act.message()} />
      <div class="flex gap-2">
        <Show when={user !== null && !isMe}>
          <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
            {text().common.delete}
          </Button>
        </Show>
        <span class="flex-1" />
        <Button onClick={() => props.onClose()}>{text().common.cancel}</Button>
        <Button type="submit" kind="primary" busy={act.busy()}>
          {user === null ? t().add : text().common.save}
        </Button>
      </div>
      <Confirm
        open={deleting()}
        title={t().deleteTitle(user?.name ?? "")}
        action={text().common.delete}
        onClose={() => setDeleting(false)}
        onConfirm={remove}
      >
        {t().deleteBody}
      </Confirm>
    </form>
  );
}
