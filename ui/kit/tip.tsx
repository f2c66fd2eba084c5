/** What a mark means, for who has no pointer to rest on it: while it has the focus, its title is written beside it. */

const GAP_PX = 6;
const EDGE_PX = 8;

/** One for the whole page: only one thing has the focus. */
let bubble: HTMLElement | undefined;

function makeBubble(): HTMLElement {
  const made = document.createElement("div");
  made.popover = "manual";
  // The title tells it to screen readers.
  made.ariaHidden = "true";
  made.className =
    "inset-auto m-0 max-w-80 rounded-md border border-line-strong bg-raised px-2.5 py-1.5 text-sm text-pretty text-ink pointer-events-none";
  document.body.append(made);
  return made;
}

/** Below the mark, above it where there is no room, always inside the window. */
function place({ style, offsetWidth, offsetHeight }: HTMLElement, mark: HTMLElement): void {
  const box = mark.getBoundingClientRect();
  const room = document.documentElement.clientWidth - EDGE_PX - offsetWidth;
  const below = box.bottom + GAP_PX;
  style.left = `${Math.max(EDGE_PX, Math.min(box.left, room))}px`;
  style.top = `${below + offsetHeight > innerHeight ? box.top - GAP_PX - offsetHeight : below}px`;
}

/** For the `ref` of something that can have the focus and has a `title`. Escape takes the words away, and nothing else. */
export function tipOnFocus(mark: HTMLElement): void {
  const hide = () => {
    bubble?.hidePopover();
    removeEventListener("keydown", onKey, true);
    removeEventListener("scroll", hide, true);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    hide();
  };
  mark.addEventListener("focus", () => {
    // A press on a button gives it the focus, too, and is no question what it means.
    if (mark.title === "" || !mark.matches(":focus-visible") || !("popover" in mark)) return;
    bubble ??= makeBubble();
    bubble.textContent = mark.title;
    bubble.showPopover();
    place(bubble, mark);
    addEventListener("keydown", onKey, true);
    addEventListener("scroll", hide, true);
  });
  mark.addEventListener("blur", hide);
}
