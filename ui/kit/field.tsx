import { createUniqueId, onMount, Show, splitProps, type JSX } from "solid-js";
import { Icon } from "./icon.tsx";

export interface FieldProps extends Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "onInput" | "value"> {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string | undefined;
  /** What is wrong with the value; tied to the input for screen readers. */
  error?: string | undefined;
}

/** A labelled text input with its hint and its error. */
export function Field(props: FieldProps) {
  const [own, rest] = splitProps(props, ["label", "value", "onValue", "hint", "error", "class"]);
  const id = createUniqueId();
  let input!: HTMLInputElement;
  // The browser heeds the attribute once per document: a form that comes later must ask for the focus itself.
  onMount(() => rest.autofocus === true && input.focus());
  const note = () =>
    own.error !== undefined ? `${id}-error` : own.hint !== undefined ? `${id}-hint` : undefined;
  return (
    <div class={own.class}>
      <label for={id} class="mb-1.5 block text-base font-medium">
        {own.label}
      </label>
      <input
        {...rest}
        ref={input}
        id={id}
        value={own.value}
        onInput={(event) => own.onValue(event.currentTarget.value)}
        aria-invalid={own.error !== undefined}
        aria-describedby={note()}
        class="h-9 w-full rounded-md border bg-page px-2.5 text-lg sm:text-base placeholder:text-faint focus:(outline-2 outline-accent -outline-offset-1)"
        classList={{ "border-bad": own.error !== undefined, "border-line-strong": own.error === undefined }}
      />
      <Show
        when={own.error}
        fallback={
          <Show when={own.hint}>
            <p id={`${id}-hint`} class="mt-1.5 text-sm text-muted">
              {own.hint}
            </p>
          </Show>
        }
      >
        <p id={`${id}-error`} class="mt-1.5 flex items-start gap-1.5 text-sm text-bad">
          <Icon name="problem" class="mt-0.5 size-3" />
          {own.error}
        </p>
      </Show>
    </div>
  );
}

/** A message about the whole form, said aloud when it appears. */
export function FormError(props: { message: string | null }) {
  return (
    <div role="alert">
      <Show when={props.message}>
        <p class="flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-base text-bad">
          <Icon name="problem" class="mt-0.75 size-3.5" />
          {props.message}
        </p>
      </Show>
    </div>
  );
}

/** After a refused submit the person is at the first field to correct. */
export function focusFirstInvalid(form: HTMLFormElement): void {
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
