import { Show } from "solid-js";
import { argvOf, commandLine } from "../../lib/command-line.model.ts";
import type { Intent } from "../../data/types.ts";
import { text } from "./texts.ts";

/** What will be run, as the plan says whose hash is approved. */
export function RunLine(props: { plan: Intent["plan"]; class?: string }) {
  return (
    <Show when={argvOf(props.plan?.data)}>
      {(argv) => (
        <div class={props.class}>
          <p class="mb-1 text-sm text-muted">{text().intent.command}</p>
          <code
            dir="ltr"
            class="block max-h-48 overflow-y-auto rounded-md border border-line bg-page px-3 py-2 break-words whitespace-pre-wrap"
            tabIndex={0}
            role="group"
            aria-label={text().intent.command}
          >
            {commandLine(argv())}
          </code>
        </div>
      )}
    </Show>
  );
}
