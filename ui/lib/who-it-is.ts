/** A question that an act under way asks the person: is it still you? One dialog, however many acts wait for it. */
import { createSignal } from "solid-js";

const [asking, setAsking] = createSignal(false);
export { asking };

let waiting: ((proved: boolean) => void)[] = [];

/** Resolves with whether it was proved; false when the dialog was closed. */
export function askWhoItIs(): Promise<boolean> {
  setAsking(true);
  return new Promise((resolve) => waiting.push(resolve));
}

export function answerWhoItIs(proved: boolean): void {
  setAsking(false);
  const resolves = waiting;
  waiting = [];
  for (const resolve of resolves) resolve(proved);
}
