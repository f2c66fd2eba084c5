/** Collects changed nodes: what is urgent is shown at the end of this turn, the rest in bundles. */
import type { Clock } from "cortex";

/** Signs of life are shown in bundles at this step; changes of state at once. */
const QUIET_MS = 500;

export function createChangedNodes(clock: Clock, show: (ids: string[]) => void) {
  const waiting = new Set<string>();
  let cancelQuiet: (() => void) | null = null;
  let urgentQueued = false;

  function flush(): void {
    cancelQuiet?.();
    cancelQuiet = null;
    urgentQueued = false;
    const ids = [...waiting];
    waiting.clear();
    if (ids.length > 0) show(ids);
  }

  return {
    add(id: string, urgent: boolean): void {
      waiting.add(id);
      if (urgent && !urgentQueued) {
        urgentQueued = true;
        queueMicrotask(flush);
      } else if (!urgent) cancelQuiet ??= clock.after(QUIET_MS, flush);
    },
    stop(): void {
      cancelQuiet?.();
      waiting.clear();
    },
  };
}
