import { createSignal, Show } from "solid-js";
import { Button } from "../../../kit/button.tsx";
import { Dialog } from "../../../kit/dialog.tsx";
import { Field, focusFirstInvalid, FormError } from "../../../kit/field.tsx";
import { errorText } from "../../../kit/states.tsx";
import { ApiError } from "../../../data/api.ts";
import { PolicyDiff } from "./policy-diff.tsx";
import { policyApi, type PolicyVersion } from "./policy.api.ts";
import { text } from "./texts.ts";

interface Props {
  open: boolean;
  /** In force, and what the text is based on. */
  current: PolicyVersion;
  text: string;
  /** This very text was tried on the past. */
  isTried: boolean;
  onClose: () => void;
  onSaved: (version: PolicyVersion) => void;
  /** Somebody else was faster. */
  onOutdated: () => void;
}

const OUTDATED = "policy.outdated";

/** The last look before a policy decides: what changes, and why. */
export function SaveDialog(props: Props) {
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      form="sheet"
      title={text().policy.saveTitle(props.current.version + 1)}
    >
      <SaveForm {...props} />
    </Dialog>
  );
}

function SaveForm(props: Props) {
  const t = () => text().policy;
  const [note, setNote] = createSignal("");
  const [tried, setTried] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<string | null>(null);
  const noteError = () => (tried() && note().trim() === "" ? t().noteNeeded : undefined);

  async function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    if (busy()) return;
    setTried(true);
    if (noteError() !== undefined) return queueMicrotask(() => focusFirstInvalid(form));
    setBusy(true);
    setFailure(null);
    try {
      props.onSaved(await policyApi.save(props.text, props.current.version, note().trim()));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === OUTDATED) props.onOutdated();
      else setFailure(errorText(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="flex flex-col gap-4" onSubmit={submit} noValidate>
      <p class="text-muted text-pretty">{t().saveBody}</p>
      <div class="overflow-hidden rounded-md border border-line">
        <PolicyDiff label={t().diff} before={props.current.text} after={props.text} />
      </div>
      <Show when={!props.isTried}>
        <p class="text-sm text-warn">{t().untested}</p>
      </Show>
      <Field
        label={t().note}
        hint={t().noteHint}
        value={note()}
        onValue={setNote}
        error={noteError()}
        maxLength={500}
        autocomplete="off"
        autofocus
      />
      <FormError message={failure()} />
      <div class="flex justify-end gap-2">
        <Button onClick={() => props.onClose()}>{text().common.cancel}</Button>
        <Button type="submit" kind="primary" busy={busy()}>
          {t().save}
        </Button>
      </div>
    </form>
  );
}
