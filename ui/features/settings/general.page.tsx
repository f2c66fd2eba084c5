/** What Cortex may do by itself, and whether it may at all. */
import { createSignal, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Skeleton } from "../../kit/states.tsx";
import { toast } from "../../kit/toast.tsx";
import { mayAct, session, settings } from "../../data/app.ts";
import type { Settings } from "../../data/types.ts";
import { openSwitch } from "../../shell/autonomy-switch.tsx";
import { AutonomyChoice, saveAutonomy } from "./autonomy-choice.tsx";
import { text } from "./texts.ts";

export default function GeneralPage() {
  return (
    <Show when={settings()} fallback={<Skeleton rows={3} />}>
      {(known) => (
        <div class="flex max-w-160 flex-col gap-6">
          <Panel title={text().settings.repairs}>
            <div class="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3">
              <div class="min-w-48 flex-1">
                <p class="font-medium">{switchState(known())}</p>
                <p class="text-muted text-pretty">{text().settings.switchBody}</p>
              </div>
              <Show when={mayAct()}>
                <Button onClick={() => openSwitch(!known().repairs)}>
                  {known().repairs ? text().autonomy.switchOff : text().autonomy.switchOn}
                </Button>
              </Show>
            </div>
          </Panel>
          <Autonomy known={known()} />
        </div>
      )}
    </Show>
  );
}

function switchState(known: Settings): string {
  if (known.switch === "mixed") return text().autonomy.mixed;
  return known.repairs ? text().autonomy.on : text().autonomy.off;
}

function Autonomy(props: { known: Settings }) {
  const [chosen, setChosen] = createSignal<Settings["autonomy"] | null>(null);
  const [busy, setBusy] = createSignal(false);
  const t = () => text().autonomyChoice;
  const isAdmin = () => session.user()?.role === "admin";
  const value = () => chosen() ?? props.known.autonomy;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy()) return;
    setBusy(true);
    if (await saveAutonomy(value(), t().reasonSettings)) toast(t().saved);
    setChosen(null);
    setBusy(false);
  };

  return (
    <section aria-labelledby="autonomy">
      <h2 id="autonomy" class="mb-2 flex min-h-7 items-center text-md font-semibold">
        {text().settings.autonomy}
      </h2>
      <form onSubmit={submit}>
        <AutonomyChoice
          value={value()}
          configured={props.known.configuredAutonomy}
          disabled={!isAdmin()}
          onChoose={setChosen}
        />
        <Show when={isAdmin()} fallback={<p class="mt-2 text-sm text-muted">{t().onlyAdmin}</p>}>
          <Button
            type="submit"
            kind="primary"
            class="mt-3"
            busy={busy()}
            disabled={value() === props.known.autonomy}
          >
            {t().save}
          </Button>
        </Show>
      </form>
    </section>
  );
}
