/** Where a press leads is shown in the next frame; the screen itself, which takes longer, is worked out after it. */
import { useBeforeLeave, useIsRouting, useLocation } from "@solidjs/router";
import { createEffect, createSignal, on, onCleanup } from "solid-js";
import { onNextPaint } from "./after-paint.ts";

/** Path and query of where somebody goes; null: nobody does. */
const [goingTo, setGoingTo] = createSignal<string | null>(null);

/** Whether a link lights up on the way: another screen, or another part of this one. A panel opens and closes at once. */
function isElsewhere(to: string, { pathname, search }: { pathname: string; search: string }): boolean {
  const { pathname: path, searchParams } = new URL(to, "http://here");
  return path !== pathname || searchParams.get("tab") !== new URLSearchParams(search).get("tab");
}

/** Every way to another screen begins once the next frame is drawn. The way back is the browser's own. */
export function goAfterPaint(): void {
  let isUnderWay = false;
  let cancel = () => {};
  useBeforeLeave((leave) => {
    if (isUnderWay || typeof leave.to !== "string" || leave.defaultPrevented) return;
    if (!isElsewhere(leave.to, leave.from)) return;
    leave.preventDefault();
    cancel();
    setGoingTo(leave.to);
    cancel = onNextPaint(() => {
      isUnderWay = true;
      leave.retry();
      isUnderWay = false;
    });
  });
  createEffect(on(useIsRouting(), (still) => still || setGoingTo(null)));
  onCleanup(() => setGoingTo(null));
}

/** Where one is, or already goes: what is lit as the current link. */
export function useHeading(): { readonly pathname: string; readonly query: URLSearchParams } {
  const location = useLocation();
  const heading = () => new URL(goingTo() ?? `${location.pathname}${location.search}`, "http://here");
  return {
    get pathname() {
      return heading().pathname;
    },
    get query() {
      return heading().searchParams;
    },
  };
}
