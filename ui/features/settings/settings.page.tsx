/** What is in force here. */
import { Show } from "solid-js";
import { Icon } from "../../kit/icon.tsx";
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
                  {known().switch === "mixed"
                    ? text().autonomy.mixed
                    : known().repairs
                      ? text().autonomy.on
                      : text().autonomy.off}
                </Fact>
                <Fact name={text().settings.mode}>
                  <code>{known().autonomy}</code>
                  <span class="block text-muted">{text().autonomy.modes[known().autonomy]}</span>
                </Fact>
              </Facts>
            </div>
          </Panel>
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
