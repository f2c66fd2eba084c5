/** Whether somebody is at this page. What it asks by itself keeps no session alive, what a person asks for does. */

/** What a press asks for is asked within this. */
const BY_A_PERSON_MS = 10_000;
const SIGNS = ["pointerdown", "keydown", "wheel"] as const;

/** Opening the page is a person's act, too. */
let seenAt = Date.now();

export const isAttended = (): boolean => Date.now() - seenAt < BY_A_PERSON_MS;

/** `onSign`: at each of them. Returns "stop looking". */
export function watchAttendance(onSign: () => void): () => void {
  const seen = () => {
    seenAt = Date.now();
    onSign();
  };
  // Before whoever handles it asks for something.
  const options = { passive: true, capture: true };
  for (const sign of SIGNS) addEventListener(sign, seen, options);
  return () => SIGNS.forEach((sign) => removeEventListener(sign, seen, options));
}
