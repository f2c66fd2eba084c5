/** What a key or a press changes at once is drawn before its consequences are worked out. */
import { createEffect, createSignal, on, onCleanup, untrack, type Accessor } from "solid-js";

/** Runs `work` once the next frame is drawn; a hidden page draws none. Answers how to call it off. */
export function onNextPaint(work: () => void): () => void {
  let timer = 0;
  if (document.hidden) timer = window.setTimeout(work);
  const frame = document.hidden ? 0 : requestAnimationFrame(() => (timer = window.setTimeout(work)));
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/** `source` as it was when the last frame was drawn. `settle` makes it follow now, for who can't wait. */
export function createAfterPaint<T>(source: Accessor<T>): [settled: Accessor<T>, settle: () => void] {
  const [settled, setSettled] = createSignal(untrack(source));
  let cancel = () => {};
  const settle = () => {
    cancel();
    setSettled(() => untrack(source));
  };
  createEffect(
    on(
      source,
      () => {
        cancel();
        cancel = onNextPaint(settle);
      },
      { defer: true },
    ),
  );
  onCleanup(() => cancel());
  return [settled, settle];
}
