/** What fails where nobody waits for it: a timer, an event, a forgotten promise. */
import { type Log, messageOf } from "cortex";

/**
 * The daemon goes on. Whatever decides is on disk, and everything is looked at again in a moment; a daemon that ends
 * would end the watch over all else, and with a full disk come back only to end again.
 */
export function surviveFailures(log: Pick<Log, "error">): void {
  const told = (what: string) => (error: unknown) =>
    log.error("Something failed that nobody waited for; Cortex goes on.", {
      what,
      reason: messageOf(error),
      stack: error instanceof Error ? (error.stack ?? "") : "",
    });
  process.on("uncaughtException", told("exception"));
  process.on("unhandledRejection", told("rejection"));
}
