/** Short messages about what just happened: polite for good news, assertive for bad. */
import { createSignal, For } from "solid-js";
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

/**
 * At the top of a phone, whose lower end is for acting. Two live regions that exist from the start: screen readers ignore regions that
 * arrive with their text.
 */
export function Toasts() {
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
    <div class="pointer-events-none fixed inset-x-4 top-14 z-50 flex flex-col gap-2 sm:(top-auto bottom-6)">
      {region(false)}
      {region(true)}
    </div>
  );
}
