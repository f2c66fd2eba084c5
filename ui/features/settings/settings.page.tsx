/** What is in force here, and what may be changed. */
import { createSignal, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Fact, Facts, Panel } from "../../kit/panel.tsx";
import { Skeleton } from "../../kit/states.tsx";
import { toast } from "../../kit/toast.tsx";
import { session, settings } from "../../lib/app.ts";
import { text } from "../../lib/i18n.ts";
import type { Settings } from "../../lib/types.ts";
import { AutonomyChoice, saveAutonomy } from "./autonomy-choice.tsx";

export default function SettingsPage() {
  return (
    <Show when={settings()} fallback={<Skeleton rows={3} />}>
      {(known) => (
        <div class="flex max-w-160 flex-col gap-5">
          <Panel title={text().settings.repairs}>
            <div class="px-4 py-3">
              <Facts>
                <Fact name={text().settings.masterSwitch}>
                  {known().switch === "mixed"
                    ? text().autonomy.mixed
                    : known().repairs
                      ? text().autonomy.on
                      : text().autonomy.off}
                </Fact>
              </Facts>
            </div>
          </Panel>
          <Autonomy known={known()} />
          {/* The bottom bar of a phone has five places. */}
          <a
            href="/plugins"
            class="flex h-11 items-center gap-2.5 rounded-lg border border-line bg-surface px-4 sm:hidden"
          >
            <Icon name="plug" />
            {text().nav.plugins}
            <Icon name="chevron-right" class="ml-auto size-4 text-faint" />
          </a>
          <Panel title={text().settings.about}>
            <div class="px-4 py-3">
              <Facts>
                <Fact name={text().settings.version}>{known().version}</Fact>
              </Facts>
            </div>
          </Panel>
        </div>
      )}
    </Show>
  );
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
