import { createUniqueId, For } from "solid-js";
import { Icon, type IconName } from "./icon.tsx";

interface Option<T> {
  id: T;
  label: string;
  icon?: IconName;
}

/** A few options side by side, as radio buttons. */
export function Choice<T extends string>(props: {
  label: string;
  options: Option<T>[];
  value: T;
  onChoose: (id: T) => void;
}) {
  const name = createUniqueId();
  return (
    <fieldset>
      <legend class="mb-1.5 font-medium">{props.label}</legend>
      <div class="flex rounded-md border border-line-strong p-0.5">
        <For each={props.options}>
          {(option) => (
            <label
              class="flex h-7 flex-1 cursor-pointer items-center justify-center gap-1.5 rounded-sm text-sm has-focus-visible:(outline-2 outline-accent)"
              classList={{
                "bg-accent-soft text-ink font-medium": props.value === option.id,
                "text-muted hover:text-ink": props.value !== option.id,
              }}
            >
              <input
                type="radio"
                name={name}
                class="sr-only"
                checked={props.value === option.id}
                onChange={() => props.onChoose(option.id)}
              />
              {option.icon === undefined ? null : <Icon name={option.icon} class="size-3.5" />}
              {option.label}
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}
