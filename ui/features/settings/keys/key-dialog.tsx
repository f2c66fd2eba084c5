import { createSignal, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { createAct } from "../../../kit/act.ts";
import { Button } from "../../../kit/button.tsx";
import { Choice } from "../../../kit/choice.tsx";
import { Dialog } from "../../../kit/dialog.tsx";
import { Field, focusFirstInvalid, FormError } from "../../../kit/field.tsx";
import { Select } from "../../../kit/select.tsx";
import { Command } from "../../../kit/states.tsx";
import { live } from "../../../data/app.ts";
import { now } from "../../../lib/clock.ts";
import type { KeyItem } from "../../../data/types.ts";
import { accounts } from "../accounts.ts";
import { GrantsField } from "../grants-field.tsx";
import { type GrantRow, grantOf, isIncomplete } from "../grants.model.ts";
import { expiryOf, type Grace, GRACES, LIFETIMES, type Lifetime } from "./key.model.ts";
import { text } from "../texts.ts";

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
        {(shown) => <Secret secret={shown()} onClose={close} />}
      </Show>
    </Dialog>
  );
}

/** Shown this once. */
function Secret(props: { secret: string; onClose: () => void }) {
  return (
    <div class="flex flex-col gap-4">
      <p class="text-pretty text-muted">{text().keys.once}</p>
      <Command line={props.secret} />
      <Button kind="primary" class="self-end" onClick={() => props.onClose()}>
        {text().keys.kept}
      </Button>
    </div>
  );
}

/** A new secret for a key that is in use: the old one can go on until its programs have the new one. */
export function RotateDialog(props: { rotated: KeyItem | null; onClose: () => void; onMade: () => void }) {
  const [secret, setSecret] = createSignal<string | null>(null);
  const [grace, setGrace] = createSignal<Grace>("3600");
  const act = createAct(async () => {
    setSecret((await accounts.rotateKey(props.rotated!.id, Number(grace()))).secret);
    props.onMade();
  });
  const t = () => text().keys;
  const close = () => {
    setSecret(null);
    act.clear();
    props.onClose();
  };
  return (
    <Dialog
      open={props.rotated !== null}
      onClose={close}
      title={secret() === null ? t().rotateTitle(props.rotated?.name ?? "") : t().made}
    >
      <Show
        when={secret()}
        fallback={
          <div class="flex flex-col gap-4">
            <p class="text-pretty text-muted">{t().rotateBody}</p>
            <Select
              label={t().grace}
              options={GRACES.map((id) => ({ id, label: t().graces[id] }))}
              value={grace()}
              onChoose={setGrace}
            />
            <FormError message={act.message()} />
            <div class="flex justify-end gap-2">
              <Button onClick={close}>{text().common.cancel}</Button>
              <Button kind="primary" busy={act.busy()} onClick={() => void act.run()}>
                {t().rotate}
              </Button>
            </div>
          </div>
        }
      >
        {(shown) => <Secret secret={shown()} onClose={close} />}
      </Show>
    </Dialog>
  );
}

function KeyForm(props: { onClose: () => void; onMade: (secret: string) => void }) {
  const t = () => text().keys;
  const [form, setForm] = createStore({
    name: "",
    kind: "api" as "api" | "node",
    grants: [{ role: "viewer", place: "tree", value: "" }] as GrantRow[],
    addresses: "",
    node: "",
    lifetime: "90" as Lifetime,
  });
  const [tried, setTried] = createSignal(false);
  const nodes = () => live.data.nodes.items.map((node) => ({ id: node.id, label: node.name }));
  const node = () => (form.node === "" ? (nodes()[0]?.id ?? "") : form.node);

  const addresses = () => form.addresses.split(/[\s,]+/).filter(Boolean);
  const act = createAct(async () => {
    const key = await accounts.addKey({
      name: form.name.trim(),
      ...(form.kind === "node"
        ? { role: "node" as const, node: node() }
        : { grants: form.grants.map(grantOf), ...(addresses().length > 0 && { addresses: addresses() }) }),
      expiresAt: expiryOf(form.lifetime, now()),
    });
    props.onMade(key.secret);
  });

  const submit = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const element = event.currentTarget;
    setTried(true);
    if (form.name.trim() === "" || (form.kind === "api" && form.grants.some(isIncomplete))) {
      queueMicrotask(() => focusFirstInvalid(element));
      return;
    }
    void act.run();
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
      <Choice
        label={t().kind}
        options={[
          { id: "api", label: t().kinds.api },
          { id: "node", label: t().kinds.node },
        ]}
        value={form.kind}
        onChoose={(kind) => setForm("kind", kind)}
      />
      <Show
        when={form.kind === "node"}
        fallback={
          <>
            <GrantsField
              rows={form.grants}
              tried={tried()}
              onChange={(grants) => setForm("grants", grants)}
            />
            <Field
              label={t().addresses}
              value={form.addresses}
              onValue={(addresses) => setForm("addresses", addresses)}
              hint={t().addressesHint}
              autocomplete="off"
            />
          </>
        }
      >
        <Select label={t().node} options={nodes()} value={node()} onChoose={(id) => setForm("node", id)} />
      </Show>
      <Select
        label={t().expires}
        options={LIFETIMES.map((id) => ({ id, label: t().lifetimes[id] }))}
        value={form.lifetime}
        onChoose={(lifetime) => setForm("lifetime", lifetime)}
        hint={form.lifetime === "never" ? t().neverHint : undefined}
      />
      <FormError message={act.message()} />
      <div class="flex justify-end gap-2">
        <Button onClick={() => props.onClose()}>{text().common.cancel}</Button>
        <Button type="submit" kind="primary" busy={act.busy()}>
          {t().add}
        </Button>
      </div>
    </form>
  );
}
