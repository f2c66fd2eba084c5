/**
 * A dialog that fills the window and comes at once. `showModal` makes the rest of the page inert, which styles each of its
 * elements anew, at opening and at closing: on a slow machine with a long list that is longer than a person waits for a key.
 * A popover touches nothing but itself. Nothing behind it is reached either: it lies over all of the window for the pointer,
 * holds the focus, and tells screen readers so (`aria-modal`). The way back of a phone is the browser's, as is giving the focus
 * back.
 */
import { keepToastsOver } from "./toast.tsx";

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
  let freeToasts: (() => void) | undefined;
  const closed = () => {
    freeToasts?.();
    freeToasts = undefined;
    // Told a moment later: by then it may have been taken away, and another one opened.
    if (dialog.isConnected) onClose();
  };
  const leaveBy = (close: () => void): Layer => {
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
      // Not left to the browser, because the next key may ask for it again before the browser has told of its end.
      event.preventDefault();
      close();
      onClose();
    });
    return { close };
  };
  // What is not inside an open modal is inert, popovers too; and old browsers have none.
  if (document.querySelector("dialog[open]") !== null || !("showPopover" in dialog)) {
    dialog.removeAttribute("popover");
    dialog.addEventListener("close", closed);
    dialog.showModal();
    freeToasts = keepToastsOver(dialog);
    return leaveBy(() => dialog.close());
  }
  const isOpen = () => dialog.matches(":popover-open");
  const hold = (event: FocusEvent) => {
    if (isOpen() && !dialog.contains(event.target as Node)) focus.focus();
  };
  document.addEventListener("focusin", hold);
  dialog.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState === "open") return;
    document.removeEventListener("focusin", hold);
    closed();
  });
  dialog.showPopover();
  freeToasts = keepToastsOver(dialog);
  return leaveBy(() => isOpen() && dialog.hidePopover());
}
