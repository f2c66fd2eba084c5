import { createUniqueId, Show } from "solid-js";

/** A yes or no with what it means. */
export function CheckField(props: {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  const id = createUniqueId();
  return (
    <label class="flex min-h-6 cursor-pointer gap-2.5">
      <input
        type="checkbox"
        class="mt-0.5 size-4 shrink-0 accent-accent"
        aria-describedby={props.hint === undefined ? undefined : id}
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>
        <span class="font-medium">{props.label}</span>
        <Show when={props.hint}>
          <span id={id} class="block text-sm text-muted">
            {props.hint}
          </span>
        </Show>
      </span>
    </label>
  );
}
