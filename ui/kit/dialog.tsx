/** Native dialogs: the browser holds the focus inside and gives it back; Escape and the way back of a phone close them. */
import { createEffect, createUniqueId, onCleanup, Show, type JSX } from "solid-js";
import { text } from "../texts/i18n.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { keepToastsOver } from "./toast.tsx";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** `sheet` opens at the right edge and fills a phone; `modal` sits in the middle. */
  form?: "modal" | "sheet";
  children: JSX.Element;
}

const FORMS = {
  modal:
    "m-auto w-[min(440px,calc(100vw-32px))] max-h-[calc(100dvh-32px)] rounded-lg border border-line-strong",
  sheet:
    "sheet my-0 mr-0 ml-auto h-dvh max-h-dvh w-full max-w-full sm:(w-[min(600px,100vw-48px)] border-l border-line-strong)",
} as const;

export function Dialog(props: DialogProps) {
  let element!: HTMLDialogElement;
  let gone: (() => void) | undefined;
  const id = createUniqueId();

  createEffect(() => {
    if (props.open && !element.open) {
      element.showModal();
      gone = keepToastsOver(element);
    } else if (!props.open) close();
  });
  const close = () => {
    if (element.open) element.close();
    gone?.();
    gone = undefined;
  };
  onCleanup(close);

  /** Not left to the browser, which may close without asking, and tells of it only after the next key has asked for it again. */
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    // Something lies open over it: this Escape is meant for that.
    if (element.querySelector(":popover-open:not([popover=manual])") !== null) return;
    event.preventDefault();
    props.onClose();
  };

  return (
    <dialog
      ref={element}
      aria-labelledby={id}
      class={`bg-raised p-0 overscroll-contain overflow-y-auto ${FORMS[props.form ?? "modal"]}`}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onKeyDown={onKey}
      // The browser closed it unasked. Told a moment later: by then it may be open again.
      onClose={() => !element.open && props.open && props.onClose()}
      // The backdrop belongs to the dialog: a press on it has the dialog itself as its target.
      onPointerDown={(event) => event.target === element && props.onClose()}
    >
      <Show when={props.open}>
        <div class="flex min-h-full flex-col">
          <div class="sticky top-0 z-1 flex h-12 shrink-0 items-center border-b border-line bg-raised pr-2 pl-5">
            {/* Without an input that asks for the focus, the title has it: the first thing to be read aloud. */}
            <h2
              id={id}
              tabIndex={-1}
              autofocus={props.form === "sheet"}
              class="truncate text-md font-semibold outline-none"
            >
              {props.title}
            </h2>
            <Button
              kind="ghost"
              class="ml-auto w-8 px-0"
              aria-label={text().common.close}
              onClick={() => props.onClose()}
            >
              <Icon name="x" />
            </Button>
          </div>
          <div class="flex-1 px-5 py-4">{props.children}</div>
        </div>
      </Show>
    </dialog>
  );
}
