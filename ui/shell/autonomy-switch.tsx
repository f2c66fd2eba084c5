/** The master switch: what Cortex may do, and one click to stop it. */
import { createSignal, Show } from "solid-js";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Field, FormError } from "../kit/field.tsx";
import { Icon } from "../kit/icon.tsx";
import { errorText } from "../kit/states.tsx";
import { toast } from "../kit/toast.tsx";
import { ApiError } from "../lib/api.ts";
import { api, loadSettings, session, settings } from "../lib/app.ts";
import { text } from "../lib/i18n.ts";

const [open, setOpen] = createSignal(false);

const maySwitch = () => ["admin", "operator"].includes(session.user()?.role ?? "");

export function AutonomySwitch() {
  return (
    <Show when={settings()}>
      {(known) => (
        <>
          <Button
            kind="ghost"
            class={`rounded-full border-line! px-2.5 text-sm! h-7! ${known().repairs ? "" : "text-warn!"}`}
            aria-haspopup="dialog"
            title={known().repairs ? text().autonomy.modes[known().autonomy] : text().autonomy.banner}
            onClick={() => setOpen(true)}
          >
            <Icon name={known().repairs ? "shield" : "shield-off"} class="size-3.5" />
            <span class="max-sm:sr-only">{known().repairs ? text().autonomy.on : text().autonomy.off}</span>
          </Button>
          <SwitchDialog repairs={known().repairs} />
        </>
      )}
    </Show>
  );
}

/** Across the page while repairs are off: a muted fleet must not look like a healthy one. */
export function RepairsOffBanner() {
  return (
    <Show when={settings()?.repairs === false}>
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warn-soft px-4 py-2 text-warn sm:px-6">
        <Icon name="shield-off" class="size-3.5" />
        <p class="min-w-0 flex-1">{text().autonomy.banner}</p>
        <Show when={maySwitch()}>
          <Button small kind="quiet" onClick={() => setOpen(true)}>
            {text().autonomy.switchOn}
          </Button>
        </Show>
      </div>
    </Show>
  );
}

function SwitchDialog(props: { repairs: boolean }) {
  const [reason, setReason] = createSignal("");
  const [missing, setMissing] = createSignal(false);
  const [failure, setFailure] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal(false);
  const t = () => text().autonomy;

  const close = () => {
    setOpen(false);
    setReason("");
    setMissing(false);
    setFailure(null);
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy()) return;
    setMissing(reason().trim() === "");
    if (missing()) return;
    const target = !props.repairs;
    setBusy(true);
    try {
      await api.switchRepairs(target, reason().trim());
      await loadSettings();
      close();
      toast(t().done(target), target ? "ok" : "warn");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(errorText(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog open={open()} onClose={close} title={props.repairs ? t().offTitle : t().onTitle}>
      <Show when={maySwitch()} fallback={<p class="text-muted">{t().notAllowed}</p>}>
        <form class="flex flex-col gap-4" onSubmit={submit} noValidate>
          <p class="text-muted">{props.repairs ? t().offBody : t().onBody}</p>
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
          <FormError message={failure()} />
          <div class="flex justify-end gap-2">
            <Button onClick={close}>{text().common.cancel}</Button>
            <Button type="submit" kind={props.repairs ? "danger" : "primary"} busy={busy()}>
              {props.repairs ? t().switchOff : t().switchOn}
            </Button>
          </div>
        </form>
      </Show>
    </Dialog>
  );
}
