import { For } from "solid-js";

/** A few views of one list, as toggle buttons. */
export function Tabs<T extends string>(props: {
  label: string;
  options: { id: T; label: string }[];
  value: T;
  onChoose: (id: T) => void;
}) {
  return (
    <div role="group" aria-label={props.label} class="flex rounded-md border border-line-strong p-0.5">
      <For each={props.options}>
        {(option) => (
          <button
            type="button"
            aria-pressed={props.value === option.id}
            onClick={() => props.onChoose(option.id)}
            class="h-6 cursor-pointer rounded-sm px-2.5 text-sm text-muted hover:text-ink aria-pressed:(bg-line font-medium text-ink)"
          >
            {option.label}
          </button>
        )}
      </For>
    </div>
  );
}
