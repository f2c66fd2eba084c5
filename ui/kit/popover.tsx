import { createSignal, Show, type JSX } from "solid-js";

/**
 * A native popover, closed by Escape or a press outside. What is in it is made when it is first opened: a screen must not
 * wait for menus that nobody may look into.
 */
export function Popover(props: {
  id: string;
  class: string;
  /** Before it is shown, for who places it. */
  onOpen?: (panel: HTMLElement) => void;
  children: JSX.Element;
}) {
  const [wanted, setWanted] = createSignal(false);
  return (
    <div
      id={props.id}
      popover="auto"
      onBeforeToggle={(event) => {
        if (event.newState !== "open") return;
        setWanted(true);
        props.onOpen?.(event.currentTarget);
      }}
      class={`inset-auto m-0 rounded-lg border border-line-strong bg-raised p-0 text-ink ${props.class}`}
    >
      <Show when={wanted()}>{props.children}</Show>
    </div>
  );
}
