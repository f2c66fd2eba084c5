/** One clock for everything on the screen: it ticks once a second and follows the server's time. */
import { createSignal } from "solid-js";

const [tick, setTick] = createSignal(Date.now());
const [offsetMs, setOffsetMs] = createSignal(0);
setInterval(() => setTick(Date.now()), 1000);

/** HTTP dates have whole seconds, so small differences are noise. */
const NOISE_MS = 3000;

/** Told by every answer of the API: a browser whose clock is wrong must not show wrong ages. */
export function learnServerTime(ms: number): void {
  const offset = ms - Date.now();
  setOffsetMs(Math.abs(offset) < NOISE_MS ? 0 : offset);
}

/** Reactive: epoch ms by the server's clock, one second resolution. */
export const now = (): number => tick() + offsetMs();

/** The same, read once. */
export const serverNow = (): number => Date.now() + offsetMs();
