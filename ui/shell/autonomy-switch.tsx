/** The master switch: what Cortex may do, and one click to stop it everywhere. */
import { createSignal, Show } from "solid-js";
import { Banner } from "../kit/banner.tsx";
import { PillButton } from "../kit/badge.tsx";
import { createAct } from "../kit/act.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Field, FormError } from "../kit/field.tsx";
import { Icon } from "../kit/icon.tsx";
import { toast } from "../kit/toast.tsx";
import { api, loadSettings, mayAct, settings } from "../data/app.ts";
import { text, type Texts } from "../texts/i18n.ts";
import type { Settings, Switched } from "../data/types.ts";
import { shortList } from "./short-list.model.ts";

/** What the dialog would switch to; null while it is closed. */
const [target, setTarget] = createSignal<boolean | null>(null);

/** Ask whether repairs are to be switched on or off. */
export const openSwitch = (on: boolean): void => void setTarget(on);

/** What repairs may do, in a word. */
export const repairsWord = (known: Settings, t: Texts): string => {
  if (known.switch === "off") return t.autonomy.off;
  if (known.switch === "mixed") return t.autonomy.mixed;
  return known.autonomy === "act" ? t.autonomy.on : t.autonomyChoice.titles[known.autonomy];
};

export function AutonomySwitch() {
  return (
    <Show when={settings()}>
      {(known) => (
        <>
          <PillButton
            tone={known().repairs ? "idle" : "warn"}
            aria-haspopup="dialog"
            title={text().autonomy.modes[known().autonomy]}
            onClick={() => setTarget(known().switch === "off")}
            class="of-now"
          >
            <Icon name={known().repairs ? "shield" : "shield-off"} class="size-3.5" />
            <span class="truncate">{repairsWord(known(), text())}</span>
          </PillButton>
          <SwitchDialog />
        </>
      )}
    </Show>
  );
}

/** Across the page while repairs are off: a muted fleet must not look like a healthy one. */
export function RepairsOffBanner() {
  const names = (known: Settings) =>
    shortList(
      known.nodesOff.map((node) => node.nodeName),
      text().autonomy.andMore,
    );
  return (
    <Show when={settings()?.repairs === false && settings()}>
      {(known) => (
        <Banner tone="warn" icon="shield-off" class="of-now">
          <p class="min-w-0 flex-1">
            {known().switch === "mixed"
              ? text().autonomy.bannerMixed(names(known()))
              : text().autonomy.banner}
          </p>
          <Show when={mayAct()}>
            <Button small onClick={() => setTarget(true)}>
              {text().autonomy.switchOn}
            </Button>
          </Show>
        </Banner>
      )}
    </Show>
  );
}

function SwitchDialog() {
  const t = () => text().autonomy;
  const close = () => setTarget(null);
  return (
    <Dialog open={target() !== null} onClose={close} title={target() === true ? t().onTitle : t().offTitle}>
      <Show when={mayAct()} fallback={<p class="text-muted">{t().notAllowed}</p>}>
        <SwitchForm on={target() === true} onClose={close} />
      </Show>
    </Dialog>
  );
}

function SwitchForm(props: { on: boolean; onClose: () => void }) {
  const [reason, setReason] = createSignal("");
  const [missing, setMissing] = createSignal(false);
  const t = () => text().autonomy;

  const tell = (nodes: Switched[]) => {
    const refused = nodes
      .filter((node) => !node.ok)
      .map((node) => `${node.nodeName} (${node.message ?? "?"})`);
    if (refused.length === 0) toast(t().done(props.on), props.on ? "ok" : "warn");
    else toast(t().refused(shortList(refused, t().andMore)), "bad");
  };

  const act = createAct(async () => {
    const { nodes } = await api.switchRepairs(props.on, reason().trim());
    await loadSettings();
    tell(nodes);
    props.onClose();
  });

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (act.busy()) return;
    setMissing(reason().trim() === "");
    if (missing()) return;
    void act.run();
  };

  return (
    <form class="flex flex-col gap-4" onSubmit={submit} noValidate>
      <p class="text-muted">{props.on ? t().onBody : t().offBody}</p>
      <Field
        label={t().reason}
        value={reason()}
        onValue={setReason}
        hint={t().reasonHint}
        error={missing() ? t().reasonMissing : undefined}
        maxLength={500}
        autocomplete="off"
        autofocus
      />
      <FormError message={act.message()} />
      <div class="flex justify-end gap-2">
        <Button onClick={() => props.onClose()}>{text().common.cancel}</Button>
        <Button type="submit" kind={props.on ? "primary" : "danger"} busy={act.busy()}>
          {props.on ? t().switchOn : t().switchOff}
        </Button>
      </div>
    </form>
  );
}
