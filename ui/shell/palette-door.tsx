/** Opens the palette: the button in the header, and Ctrl K or ⌘ K from everywhere. It is loaded when it is first wanted. */
import { createSignal, lazy, onCleanup, onMount, Show, Suspense } from "solid-js";
import { Icon } from "../kit/icon.tsx";
import { text } from "../texts/i18n.ts";
import { whenIdle } from "../lib/idle.ts";

const Palette = lazy(() => import("./palette.tsx"));

const [open, setOpen] = createSignal(false);
const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function PaletteDoor() {
  const onKey = (event: KeyboardEvent) => {
    if (
      event.key.toLowerCase() !== "k" ||
      !(event.metaKey || event.ctrlKey) ||
      event.altKey ||
      event.shiftKey
    )
      return;
    // Over another dialog it would hide what that one asks.
    if (!open() && document.querySelector("dialog[open]:not(.sheet)") !== null) return;
    event.preventDefault();
    setOpen(!open());
  };
  onMount(() => {
    addEventListener("keydown", onKey);
    whenIdle(() => Palette.preload().catch(() => undefined));
  });
  onCleanup(() => removeEventListener("keydown", onKey));
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => setOpen(true)}
        class="flex h-7 cursor-pointer items-center gap-2 rounded-md border border-line px-2 text-sm text-muted hover:(bg-hover text-ink) max-sm:(w-7 justify-center px-0)"
      >
        <Icon name="search" class="size-3.5" />
        <span class="max-md:sr-only">{text().nav.search}</span>
        <kbd aria-hidden="true" class="font-sans text-xs text-faint max-md:hidden">
          {isMac ? "⌘ K" : "Ctrl K"}
        </kbd>
      </button>
      <Suspense>
        <Show when={open()}>
          <Palette onClose={() => setOpen(false)} />
        </Show>
      </Suspense>
    </>
  );
}
