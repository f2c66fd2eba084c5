/** What is in force here. */
import { Show } from "solid-js";
import { Fact, Facts, Panel } from "../../kit/panel.tsx";
import { Skeleton } from "../../kit/states.tsx";
import { settings } from "../../lib/app.ts";
import { text } from "../../lib/i18n.ts";

export default function SettingsPage() {
  return (
    <Show when={settings()} fallback={<Skeleton rows={3} />}>
      {(known) => (
        <div class="flex max-w-160 flex-col gap-5">
          <Panel title={text().settings.autonomy}>
            <div class="px-4 py-3">
              <Facts>
                <Fact name={text().settings.repairs}>
                  {known().repairs ? text().autonomy.on : text().autonomy.off}
                </Fact>
                <Fact name={text().settings.mode}>
                  <code>{known().autonomy}</code>
                  <span class="block text-muted">{text().autonomy.modes[known().autonomy]}</span>
                </Fact>
              </Facts>
            </div>
          </Panel>
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
