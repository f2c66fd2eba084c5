import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout: everything the bootstrap does happens below it. */
export const rootDir = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Progress and errors for people go to standard error, so that standard output stays the program's own. */
export function say(line) {
  process.stderr.write(`cortex: ${line}\n`);
}

/** An expected failure: shown as one line, without a stack trace. */
export class Problem extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
