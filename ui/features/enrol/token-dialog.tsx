import { createSignal, onCleanup, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { createAct } from "../../kit/act.ts";
import { Button } from "../../kit/button.tsx";
import { CheckField } from "../../kit/check-field.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { Field, FormError } from "../../kit/field.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Select } from "../../kit/select.tsx";
import { Command } from "../../kit/states.tsx";
import { ApiError } from "../../data/api.ts";
import type { IdentityItem, TokenItem } from "../../data/types.ts";
import { enrolment } from "./enrolment.ts";
import { cameWith, LIFETIMES, type Lifetime } from "./enrol.model.ts";
import { text } from "./texts.ts";

type Made = TokenItem & { command: string };
const LOOK_MS = 2000;

/** Makes a token, shows the command to run with it, once, and waits for the node to come. */
export function TokenDialog(props: { open: boolean; onClose: () => void; onMade: () => void }) {
  const [made, setMade] = createSignal<Made | null>(null);
  const close = () => {
    setMade(null);
    props.onClose();
  };
  return (
    <Dialog open={props.open} onClose={close} title={made() === null ? text().enrol.add : text().enrol.run}>
      <Show
        when={made()}
        fallback={
          <TokenForm
            onClose={close}
            onMade={(token) => {
              setMade(token);
              props.onMade();
            }}
          />
        }
      >
        {(token) => <JoinCommand token={token()} onClose={close} onSeen={() => props.onMade()} />}
      </Show>
    </Dialog>
  );
}

function TokenForm(props: { onClose: () => void; onMade: (made: Made) => void }) {
  const t = () => text().enrol;
  const [form, setForm] = createStore({
    name: "",
    group: "",
    lifetime: "3600" as Lifetime,
    many: false,
    auto: false,
  });
  const act = createAct(async () => {
    const [name, group] = [form.name.trim(), form.group.trim()];
    props.onMade(
      await enrolment.addToken({
        ttlSeconds: Number(form.lifetime),
        uses: form.many ? 100 : 1,
        ...(name !== "" && !form.many && { name }),
        ...(group !== "" && { group }),
        ...(form.auto && { autoApprove: true }),
      }),
    );
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void act.run();
  };
  return (
    <form class="flex flex-col gap-4" onSubmit={submit} novalidate>
      <Select
        label={t().lifetime}
        options={LIFETIMES.map((id) => ({ id, label: t().lifetimes[id] }))}
        value={form.lifetime}
        onChoose={(lifetime) => setForm("lifetime", lifetime)}
      />
      <CheckField
        label={t().many}
        hint={t().manyHint}
        checked={form.many}
        onChange={(many) => setForm("many", many)}
      />
      <Show when={!form.many}>
        <Field
          label={t().name}
          value={form.name}
          onValue={(name) => setForm("name", name)}
          hint={t().nameHint}
          autocomplete="off"
          maxLength={255}
        />
      </Show>
      <Field
        label={text().node.group}
        value={form.group}
        onValue={(group) => setForm("group", group)}
        hint={t().groupHint}
        autocomplete="off"
        maxLength={100}
      />
      <CheckField
        label={t().auto}
        hint={t().autoHint}
        checked={form.auto}
        onChange={(auto) => setForm("auto", auto)}
      />
      <FormError message={act.message()} />
      <div class="flex justify-end gap-2">
        <Button onClick={() => props.onClose()}>{text().common.cancel}</Button>
        <Button type="submit" kind="primary" busy={act.busy()}>
          {t().make}
        </Button>
      </div>
    </form>
  );
}

function JoinCommand(props: { token: Made; onClose: () => void; onSeen: () => void }) {
  const t = () => text().enrol;
  const [seen, setSeen] = createSignal<IdentityItem | null>(null);
  const [words, setWords] = createSignal("");
  const look = async () => {
    try {
      const found = cameWith(props.token.id, await enrolment.identities());
      if (found === undefined || found.id === seen()?.id) return;
      setSeen(found);
      props.onSeen();
    } catch (error) {
      // The next look may work; the page itself says when the Monitor is out of reach.
      if (!(error instanceof ApiError)) throw error;
    }
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  onCleanup(() => clearInterval(timer));
  void enrolment.monitor().then(
    (monitor) => setWords(monitor.words),
    () => undefined,
  );
  return (
    <div class="flex flex-col gap-4">
      <p class="text-pretty text-muted">{t().runBody}</p>
      <Command line={props.token.command} />
      <Show when={words()}>
        <p class="text-sm text-muted">
          {t().monitorWords} <span class="font-medium text-ink">{words()}</span>
        </p>
      </Show>
      <p role="status" class="flex items-center gap-2">
        <Show
          when={seen()}
          fallback={
            <>
              <Icon name="loader" class="size-4 animate-spin text-accent" />
              {t().waiting}
            </>
          }
        >
          {(node) => (
            <>
              <Icon name="check-circle" class="size-4 shrink-0 text-ok" />
              <span>
                {node().state === "pending" ? t().asks(node().name) : t().in(node().name)}
                <span class="block text-sm text-muted">{node().words}</span>
              </span>
            </>
          )}
        </Show>
      </p>
      <Button kind="primary" class="self-end" onClick={() => props.onClose()}>
        {text().common.close}
      </Button>
    </div>
  );
}
