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
      <span
        class="relative flex items-center rounded-md border border-line-strong bg-page hover:bg-hover has-focus-visible:(outline-2 outline-accent outline-offset-2)"
        classList={{
          "h-7 pr-7 pl-2 text-sm": props.small === true,
          "h-9 pr-8 pl-2.5 text-base": props.small !== true,
        }}
      >
        <span aria-hidden="true" class="truncate">
          {props.options.find(({ id: one }) => one === props.value)?.label}
        </span>
        {/* Phones zoom into what has the focus and less than 16 px: it lies unseen over its value, which may then be small. */}
        <select
          id={id}
          aria-describedby={props.hint === undefined ? undefined : `${id}-hint`}
          onChange={(event) => props.onChoose(event.currentTarget.value as T)}
          class="absolute inset-0 size-full cursor-pointer text-lg opacity-0 sm:text-base"
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
