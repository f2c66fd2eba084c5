/** What runs here, and whose work is in it. */
import licences from "virtual:licences";
import { For, Show } from "solid-js";
import { Fact, Facts, Panel } from "../../kit/panel.tsx";
import { Time } from "../../kit/time.tsx";
import { live, settings } from "../../data/app.ts";
import { text } from "./texts.ts";

export default function AboutPage() {
  const t = () => text().settings;
  return (
    <div class="flex max-w-160 flex-col gap-6">
      <Panel title={text().settingsPages.about}>
        <div class="px-4 py-4">
          <Facts>
            <Fact name={t().version}>Cortex {settings()?.version}</Fact>
            <Show when={live.data.status.items[0]?.startedAt}>
              {(at) => (
                <Fact name={t().running}>
                  <Time at={at()} show="moment" />
                </Fact>
              )}
            </Show>
            <Show when={settings()?.configFile !== undefined}>
              <Fact name={t().configFile}>
                <Show when={settings()?.configFile} fallback={t().noConfigFile}>
                  {(file) => <code class="break-all">{file()}</code>}
                </Show>
              </Fact>
            </Show>
            <Fact name={t().licence}>MIT</Fact>
          </Facts>
        </div>
      </Panel>
      <Panel title={t().parts} count={licences.length}>
        <ul class="columns-1 gap-x-8 px-4 py-3 sm:columns-2">
          <For each={licences}>
            {(part) => (
              <li class="flex min-w-0 items-baseline gap-2 py-0.5 break-inside-avoid">
                <span class="truncate">{part.name}</span>
                <span class="text-sm text-faint">{part.version}</span>
                <span class="ml-auto shrink-0 text-sm text-muted">{part.licence}</span>
              </li>
            )}
          </For>
        </ul>
      </Panel>
    </div>
  );
}
