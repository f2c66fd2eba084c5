import { createMemo, For, Show } from "solid-js";
import { type DiffRow, diffRows } from "./policy.model.ts";
import { text } from "./texts.ts";

const LOOK: Record<DiffRow["kind"], string> = {
  same: "text-muted",
  added: "bg-accent-soft",
  removed: "bg-bad-soft",
  gap: "text-faint",
};
const SIGN: Record<DiffRow["kind"], string> = { same: " ", added: "+", removed: "−", gap: "⋯" };

/** Two texts line by line, as one column that also fits a phone. */
export function PolicyDiff(props: { label: string; before: string; after: string }) {
  const rows = createMemo(() => diffRows(props.before, props.after));
  return (
    <Show when={rows().length > 0} fallback={<p class="px-4 py-3 text-muted">{text().policy.noDiff}</p>}>
      <div class="overflow-x-auto" tabIndex={0} role="region" aria-label={props.label}>
        <ol class="min-w-max py-1 font-mono text-sm">
          <For each={rows()}>
            {(row) => (
              <li class={`flex whitespace-pre ${LOOK[row.kind]}`}>
                <span aria-hidden="true" class="w-10 shrink-0 pr-2 text-right text-faint select-none">
                  {row.after ?? row.before ?? ""}
                </span>
                <span aria-hidden="true" class="w-4 shrink-0 select-none">
                  {SIGN[row.kind]}
                </span>
                <Show when={row.kind === "added" || row.kind === "removed"}>
                  <span class="sr-only">
                    {row.kind === "added" ? text().policy.added : text().policy.removed}{" "}
                  </span>
                </Show>
                <span class="pr-4">{row.kind === "gap" ? "" : row.text}</span>
                <Show when={row.kind === "gap"}>
                  <span class="sr-only">{text().policy.lines}</span>
                </Show>
              </li>
            )}
          </For>
        </ol>
      </div>
    </Show>
  );
}
