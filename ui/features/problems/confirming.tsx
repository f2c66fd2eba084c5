import { Show } from "solid-js";
import { Icon } from "../../kit/icon.tsx";
import { now } from "../../lib/clock.ts";
import type { NodeItem } from "../../data/types.ts";
import { confirmingOn, progressOf } from "./confirming.model.ts";
import { text } from "./texts.ts";

/** One calm line about what is bad and no problem yet; nothing when nothing is. */
export function ConfirmingLine(props: { nodes: readonly NodeItem[]; class?: string }) {
  return (
    <Show when={confirmingOn(props.nodes)}>
      {(found) => (
        <p class={`flex items-baseline gap-2 text-muted ${props.class ?? ""}`}>
          <Icon name="clock" class="size-3.5 shrink-0 translate-y-0.5 text-warn" />
          <span class="min-w-0 text-pretty">
            {text().problem.confirming(found().status, found().count)}{" "}
            <a
              href={`/nodes/${found().first.node}?tab=checks`}
              class="text-ink underline decoration-line-strong underline-offset-3"
            >
              {found().first.check}
            </a>
            {text().problem.confirmingOn(found().first.nodeName)}
            <span class="whitespace-nowrap tabular-nums">
              {text().problem.confirmed(progressOf(found().first, now()))}
            </span>
          </span>
        </p>
      )}
    </Show>
  );
}
