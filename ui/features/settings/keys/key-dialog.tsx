import { createSignal, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../../kit/button.tsx";
import { Dialog } from "../../../kit/dialog.tsx";
import { Field, focusFirstInvalid, FormError } from "../../../kit/field.tsx";
import { Select } from "../../../kit/select.tsx";
import { Command, errorText } from "../../../kit/states.tsx";
import { ApiError } from "../../../lib/api.ts";
import { live } from "../../../lib/app.ts";
import { now } from "../../../lib/clock.ts";
import { text } from "../../../lib/i18n.ts";
import { accounts, KEY_ROLES, type KeyRole } from "../accounts.ts";
import { expiryOf, LIFETIMES, type Lifetime } from "./key.model.ts";

/** Makes a key, then shows its secret: this once, and never again. */
export function KeyDialog(props: { open: boolean; onClose: () => void; onMade: () => void }) {
  const [secret, setSecret] = createSignal<string | null>(null);
  const close = () => {
    setSecret(null);
    props.onClose();
  };
  return (
    <Dialog open={props.open} onClose={close} title={secret() === null ? text().keys.add : text().keys.made}>
      <Show
        when={secret()}
        fallback={
          <KeyForm
            onClose={close}
            onMade={(made) => {
              setSecret(made);
              props.onMade();
            }}
          />
        }
      >
        {(shown) => (
          <div class="flex flex-col gap-4">
            <p class="text-pretty text-muted">{text().keys.once}</p>
            <Command line={shown()} />
            <Button kind="primary" class="self-end" onClick={close}>
              {text().keys.kept}
            </Button>
          </div>
        )}
      </Show>
    </Dialog>
  );
}

function KeyForm(props: { onClose: () => void; onMade: (secret: string) => void }) {
  const t = () => text().keys;
  const [form, setForm] = createStore({
    name: "",
    role: "viewer" as KeyRole,
    node: "",
    lifetime: "90" as Lifetime,
  });
  const [tried, setTried] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<string | null>(null);
  const nodes = () => live.data.nodes.items.map((node) => ({ id: node.id, label: node.name }));
  const node = () => (form.node === "" ? (nodes()[0]?.id ?? "") : form.node);

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const element = event.currentTarget;
    setTried(true);
    if (form.name.trim() === "") {
      queueMicrotask(() => focusFirstInvalid(element));
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      const key = await accounts.addKey({
        name: form.name.trim(),
        role: form.role,
        ...(form.role === "node" && { node: node() }),
        expiresAt: expiryOf(form.lifetime, now()),
      });
      props.onMade(key.secret);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(errorText(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="flex flex-col gap-4" onSubmit={submit} novalidate>
      <Field
        label={t().name}
        value={form.name}
        onValue={(name) => setForm("name", name)}
        hint={t().nameHint}
        error={tried() && form.name.trim() === "" ? t().nameMissing : undefined}
        autocomplete="off"
        maxLength={100}
        autofocus
      />
      <Select
        label={t().role}
        options={KEY_ROLES.map((id) => ({ id, label: text().account.roles[id] }))}
        value={form.role}
        onChoose={(role) => setForm("role", role)}
        hint={form.role === "node" ? t().nodeRole : text().people.roles[form.role]}
      />
      <Show when={form.role === "node"}>
        <Select label={t().node} options={nodes()} value={node()} onChoose={(id) => setForm("node", id)} />
      </Show>
      <Select
        label={t().expires}
        options={LIFETIMES.map((id) => ({ id, label: t().lifetimes[id] }))}
        value={form.lifetime}
        onChoose={(lifetime) => setForm("lifetime", lifetime)}
        hint={form.lifetime === "never" ? t().neverHint : undefined}
      />
      <FormError message={failure()} />
      <div class="flex justify-end gap-2">
        <Button onClick={() => props.onClose()}>{text().common.cancel}</Button>
        <Button type="submit" kind="primary" busy={busy()}>
          {t().add}
        </Button>
      </div>
    </form>
  );
}
