/** Short messages about what just happened: polite for good news, assertive for bad. */
import { createEffect, createSignal, For, onCleanup, onMount, untrack } from "solid-js";
import { onNextPaint } from "../lib/after-paint.ts";
import { Icon } from "./icon.tsx";
import { TONE_TEXT, type Tone } from "./tone.tsx";

interface Toast {
  id: number;
  tone: Tone;
  message: string;
}

const SHOWN_MS = 6000;
const [toasts, setToasts] = createSignal<Toast[]>([]);
let nextId = 1;

export function toast(message: string, tone: Tone = "ok"): void {
  const id = nextId++;
  setToasts((all) => [...all.slice(-2), { id, tone, message }]);
  setTimeout(() => setToasts((all) => all.filter((one) => one.id !== id)), SHOWN_MS);
}

/** The dialogs that are open, the topmost last. */
const modals: HTMLDialogElement[] = [];
let host: HTMLElement | undefined;
/** Where it lives while no dialog is open. */
let home: HTMLElement | undefined;

/**
 * On top of all that is open. Of a page with a modal dialog only what is inside the dialog is not inert: told to screen readers, and
 * in reach; so it moves in there for as long.
 */
function raise(): void {
  const place = modals.at(-1) ?? home;
  if (host === undefined || place === undefined) return;
  if (host.parentNode !== place) place.append(host);
  if (!("showPopover" in host)) return;
  // Shown anew: the top layer is in the order of showing.
  if (host.matches(":popover-open")) host.hidePopover();
  if (untrack(toasts).length > 0 && host.isConnected) host.showPopover();
}

let cancelRaise = () => {};
/** At once where a message is in sight; else once what was opened or closed is drawn, which is not to wait for it. */
function raiseSoon(): void {
  cancelRaise();
  if (untrack(toasts).length > 0) raise();
  else cancelRaise = onNextPaint(raise);
}

/** Something was opened over all: messages go over it. Answers what to call when it is gone. */
export function keepToastsOver(dialog: HTMLDialogElement): () => void {
  if (dialog.matches(":modal")) modals.push(dialog);
  raiseSoon();
  return () => {
    const at = modals.indexOf(dialog);
    if (at !== -1) modals.splice(at, 1);
    // A dialog may be taken away with what is in it.
    if (host !== undefined && dialog.contains(host)) raise();
    else raiseSoon();
  };
}

/**
 * At the top of a phone, whose lower end is for acting. Two live regions that exist from the start: screen readers ignore regions that
 * arrive with their text.
 */
export function Toasts() {
  let mine!: HTMLDivElement;
  onMount(() => {
    host = mine;
    home = mine.parentElement ?? undefined;
    raise();
  });
  onCleanup(() => {
    mine.remove();
    if (host === mine) host = home = undefined;
  });
  createEffect(() => {
    toasts();
    raise();
  });
  const region = (bad: boolean) => (
    <div role={bad ? "alert" : "status"} class="flex flex-col items-center gap-2">
      <For each={toasts().filter((one) => (one.tone === "bad") === bad)}>
        {(one) => (
          <p class="pointer-events-auto flex items-center gap-2 rounded-md border border-line-strong bg-raised px-3 py-2 shadow-lg">
            <Icon
              name={one.tone === "ok" ? "check-circle" : "problem"}
              class={`size-3.5 ${TONE_TEXT[one.tone]}`}
            />
            {one.message}
          </p>
        )}
      </For>
    </div>
  );
  return (
    <div
      ref={mine}
      popover="manual"
      class="pointer-events-none fixed inset-x-4 top-14 bottom-auto z-50 m-0 flex w-auto flex-col gap-2 overflow-visible border-0 bg-transparent p-0 text-base text-ink sm:(top-auto bottom-6)"
    >
      {region(false)}
      {region(true)}
    </div>
  );
}
