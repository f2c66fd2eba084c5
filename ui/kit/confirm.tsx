import { createSignal, type JSX } from "solid-js";
import { ApiError } from "../data/api.ts";
import { text } from "../texts/i18n.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { FormError } from "./field.tsx";
import { errorText } from "./states.tsx";

/** Asks before something that weighs. What goes wrong is said in the dialog, which then stays. */
export function Confirm(props: {
  open: boolean;
  title: string;
  /** What will happen. */
  children: JSX.Element;
  /** The verb on the button. */
  action: string;
  /** Default "danger": it takes something away. */
  kind?: "primary" | "danger";
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}) {
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string | null>(null);
  const close = () => {
    setError(null);
    props.onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await props.onConfirm();
      close();
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(errorText(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={props.open} onClose={close} title={props.title}>
      <div class="flex flex-col gap-4">
        <div class="text-pretty text-muted">{props.children}</div>
        <FormError message={error()} />
        <div class="flex justify-end gap-2">
          <Button onClick={close}>{text().common.cancel}</Button>
          <Button kind={props.kind ?? "danger"} busy={busy()} onClick={() => void confirm()}>
            {props.action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
