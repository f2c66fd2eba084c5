/** One line of progress, on standard error so that standard output stays data. */
export function say(line: string): void {
  process.stderr.write(`cortex: ${line}\n`);
}

/** End the script with one line that says what is wrong. */
export function fail(line: string): never {
  say(line);
  process.exit(1);
}

/** Time since `startedAt` (performance.now()), for people. */
export function seconds(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
