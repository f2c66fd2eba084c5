import { createStore } from "solid-js/store";
import { createAct } from "../../kit/act.ts";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { Field, FormError } from "../../kit/field.tsx";
import { Select } from "../../kit/select.tsx";
import type { AutonomyState } from "../../data/types.ts";
import { autonomyApi } from "./autonomy.api.ts";
import { text } from "./texts.ts";

const STATES = ["shadow", "ask", "act"] as const;

/** Says what a repair may do in a place; what it has not earned is refused with what it takes. */
export function SetDialog(props: { open: boolean; onClose: () => void; onSaved: () => void }) {
  const t = () => text().earned;
  const [form, setForm] = createStore({
    repair: "",
    scope: "*",
    state: "shadow" as AutonomyState,
    reason: "",
  });
  const act = createAct(async () => {
    await autonomyApi.set(form.repair.trim(), form.scope.trim(), form.state, form.reason);
    setForm({ repair: "", reason: "" });
    props.onSaved();
    props.onClose();
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void act.run();
  };
  return (
    <Dialog open={props.open} onClose={() => props.onClose()} title={t().add}>
      <form onSubmit={submit} class="flex flex-col gap-4">
        <Field label={t().repair} value={form.repair} onValue={(repair) => setForm({ repair })} required />
        <Field
          label={t().where}
          hint={t().whereHint}
          value={form.scope}
          onValue={(scope) => setForm({ scope })}
          required
        />
        <Select
          label={t().may}
          options={STATES.map((id) => ({ id, label: t().states[id] }))}
          value={form.state}
          onChoose={(state) => setForm({ state })}
          hint={t().explained[form.state]}
        />
        <Field label={t().reason} value={form.reason} onValue={(reason) => setForm({ reason })} />
        <FormError message={act.message()} />
        <div class="flex justify-end gap-2">
          <Button onClick={() => props.onClose()}>{text().common.cancel}</Button>
          <Button type="submit" kind="primary" busy={act.busy()}>
            {text().common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
