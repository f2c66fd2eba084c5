/** Work that can wait until the browser has nothing else to do. Safari has no such callback: there, it waits a second. */
export function whenIdle(work: () => unknown): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(work, { timeout: 5000 });
  else setTimeout(work, 1000);
}
