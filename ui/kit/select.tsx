import { createUniqueId, For, Show } from "solid-js";
import { Icon } from "./icon.tsx";

/** One of a fixed set, by the browser's own list. */
export function Select<T extends string>(props: {
  label: string;
  options: readonly { id: T; label: string }[];
  value: T;
  onChoose: (id: T) => void;
  hint?: string | undefined;
  /** In a row of filters: as high as a search field, its label only for screen readers. */
  small?: boolean;
  class?: string;
}) {
  const id = createUniqueId();
  return (
    <div class={props.class}>
      <label
        for={id}
        classList={{ "sr-only": props.small === true, "mb-1.5 block font-medium": props.small !== true }}
      >
        {props.label}
      </label>
      <span class="relative block">
        <select
          id={id}
          aria-describedby={props.hint === undefined ? undefined : `${id}-hint`}
          onChange={(event) => props.onChoose(event.currentTarget.value as T)}
          class="w-full cursor-pointer appearance-none rounded-md border border-line-strong bg-page pr-7 text-ink hover:bg-hover"
          classList={{
            "h-7 pl-2 text-lg sm:text-sm": props.small === true,
            "h-9 pl-2.5 text-lg sm:text-base": props.small !== true,
          }}
        >
          <For each={props.options}>
            {(option) => (
              <option value={option.id} selected={option.id === props.value} class="bg-raised text-ink">
                {option.label}
              </option>
            )}
          </For>
        </select>
        <Icon
          name="chevron-down"
          class="pointer-events-none absolute right-2 top-1/2 size-3.5 -translate-y-1/2 text-faint"
        />
      </span>
      <Show when={props.hint}>
        <p id={`${id}-hint`} class="mt-1.5 text-sm text-muted">
          {props.hint}
        </p>
      </Show>
    </div>
  );
}
