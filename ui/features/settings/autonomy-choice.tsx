import { createUniqueId, For, Show } from "solid-js";
import { Icon, type IconName } from "../../kit/icon.tsx";
import { errorText } from "../../kit/states.tsx";
import { toast } from "../../kit/toast.tsx";
import { ApiError } from "../../data/api.ts";
import { api, loadSettings } from "../../data/app.ts";
import { shortList } from "../../shell/short-list.model.ts";
import { AUTONOMY, mayChoose, type Autonomy } from "./autonomy.model.ts";
import { text } from "./texts.ts";

const ICONS: Record<Autonomy, IconName> = { act: "wrench", ask: "question", observe: "eye" };

/** Three ways, each with what it means. */
export function AutonomyChoice(props: {
  value: Autonomy;
  configured: Autonomy;
  disabled?: boolean;
  onChoose: (next: Autonomy) => void;
}) {
  const t = () => text().autonomyChoice;
  const name = createUniqueId();
  return (
    <fieldset>
      <legend class="sr-only">{t().legend}</legend>
      <div class="overflow-hidden rounded-lg border border-line bg-surface">
        <For each={AUTONOMY}>
          {(mode) => {
            const possible = () => props.disabled !== true && mayChoose(mode, props.configured);
            return (
              <label
                class="flex gap-3 border-line px-4 py-3 not-last:border-b has-focus-visible:(outline-2 outline-accent -outline-offset-2)"
                classList={{
                  "cursor-pointer hover:bg-hover": possible(),
                  "bg-accent-soft": props.value === mode,
                }}
              >
                <input
                  type="radio"
                  name={name}
                  class="mt-0.5 size-4 shrink-0 accent-accent"
                  checked={props.value === mode}
                  disabled={!possible()}
                  onChange={() => props.onChoose(mode)}
                />
                <span class="min-w-0">
                  <span class="flex items-center gap-1.5 font-medium">
                    {t().titles[mode]}
                    <Icon name={ICONS[mode]} class="size-3.5 text-muted" />
                  </span>
                  <span class="block text-pretty text-muted">{t().bodies[mode]}</span>
                </span>
              </label>
            );
          }}
        </For>
      </div>
      <Show when={props.configured !== "act"}>
        <p class="mt-2 text-sm text-muted">{t().fixed(t().titles[props.configured])}</p>
      </Show>
    </fieldset>
  );
}

/** Tell every node; resolves with whether all of them were told. What went wrong is said. */
export async function saveAutonomy(autonomy: Autonomy, reason: string): Promise<boolean> {
  try {
    const { nodes } = await api.setAutonomy(autonomy, reason);
    await loadSettings();
    const refused = nodes.filter((node) => !node.ok).map((node) => node.nodeName);
    if (refused.length === 0) return true;
    toast(text().autonomy.refused(shortList(refused, text().autonomy.andMore)), "bad");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(errorText(error), "bad");
  }
  return false;
}
