/** Tells in passing what the live data brought: at most every few seconds, whatever happens. */
import { createEffect, on, onCleanup, untrack } from "solid-js";
import { toast } from "../kit/toast.tsx";
import { live } from "../data/app.ts";
import { text } from "../texts/i18n.ts";
import { look, newsSince, type Seen } from "./news.model.ts";

/** Announcements are spoken too: more often than this nobody can listen to. */
const LEAST_PAUSE_MS = 5000;
/** A change gathers this long, so that what belongs together is told together. */
const GATHER_MS = 300;

export function tellNews(): void {
  let seen: Seen | null = null;
  let toldAt = 0;
  let timer = 0;

  const tell = () => {
    timer = 0;
    untrack(() => {
      const { problems, intents, decisions, autonomy } = live.data;
      if (!problems.ready || !intents.ready) return;
      const told = {
        problems: problems.items,
        intents: intents.items,
        decisions: decisions.items,
        autonomy: autonomy.items,
      };
      const before = seen;
      seen = look(told);
      if (before === null) return;
      for (const { message, tone } of newsSince(before, told, text())) {
        toast(message, tone);
        toldAt = Date.now();
      }
    });
  };
  createEffect(
    on(live.lastDataAt, () => {
      if (timer === 0)
        timer = window.setTimeout(tell, Math.max(GATHER_MS, toldAt + LEAST_PAUSE_MS - Date.now()));
    }),
  );
  onCleanup(() => clearTimeout(timer));
}
