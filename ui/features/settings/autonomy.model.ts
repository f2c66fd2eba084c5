/** What Cortex may do by itself: three steps, from most to least. */
import type { Settings } from "../../data/types.ts";

export type Autonomy = Settings["autonomy"];
export const AUTONOMY: readonly Autonomy[] = ["act", "ask", "observe"];

/** The configuration is never loosened from outside: what lies before it can't be chosen. */
export const mayChoose = (wanted: Autonomy, configured: Autonomy): boolean =>
  AUTONOMY.indexOf(wanted) >= AUTONOMY.indexOf(configured);
