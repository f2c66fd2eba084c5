/**
 * A dialog that fills the window and comes at once. `showModal` makes the rest of the page inert, which styles each of its
 * elements anew, at opening and at closing: on a slow machine with a long list that is longer than a person waits for a key.
 * A popover touches nothing but itself. Nothing behind it is reached either: it lies over all of the window for the pointer,
 * holds the focus, and tells screen readers so (`aria-modal`). Escape and the way back of a phone are the browser's, as is
 * giving the focus back.
 */
export interface Layer {
  /** Closes it; the focus goes back to where it was. */
  close(): void;
}

export interface LayerOptions {
  /** Has the focus for as long as the layer is open. */
  focus: HTMLElement;
  /** The browser closed it, or something else came over it. */
  onClose: () => void;
}

export function openLayer(dialog: HTMLDialogElement, { focus, onClose }: LayerOptions): Layer {
  // What is not inside an open modal is inert, popovers too; and old browsers have none.
  if (document.querySelector("dialog[open]") !== null || !("showPopover" in dialog)) {
    dialog.removeAttribute("popover");
    dialog.addEventListener("close", onClose);
    dialog.showModal();
    return { close: () => dialog.close() };
  }
  const isOpen = () => dialog.matches(":popover-open");
  const hold = (event: FocusEvent) => {
    if (isOpen() && !dialog.contains(event.target as Node)) focus.focus();
  };
  document.addEventListener("focusin", hold);
  dialog.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState === "open") return;
    document.removeEventListener("focusin", hold);
    // Told a moment later: by then it may have been taken away, and another one opened.
    if (dialog.isConnected) onClose();
  });
  dialog.showPopover();
  return { close: () => isOpen() && dialog.hidePopover() };
}
