/** A sorted list that stands still while the pointer or the focus is on it. */
import { createMemo, createSignal, type Accessor } from "solid-js";
import { stableOrder, type StableOrder } from "./stable-order.model.ts";

export function createHeldList<T extends { id: string }>(sorted: Accessor<readonly T[]>) {
  const [held, setHeld] = createSignal(false);
  const order = createMemo<StableOrder<T>>((previous) =>
    stableOrder(
      sorted(),
      (previous?.items ?? []).map((item) => item.id),
      held(),
    ),
  );
  return {
    items: () => order().items,
    waiting: () => order().waiting,
    /** Show the newcomers now. */
    release: () => setHeld(false),
    /** Spread on the element around the list. */
    hold: {
      onPointerEnter: (event: PointerEvent) => event.pointerType === "mouse" && setHeld(true),
      onPointerLeave: () => setHeld(false),
    },
  };
}
