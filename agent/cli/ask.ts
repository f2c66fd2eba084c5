/** Questions to the person at the terminal, on standard error: standard output holds what was asked of the command. */
import { createInterface } from "node:readline/promises";
import { CortexError } from "cortex";

export const hasTerminal = (): boolean => process.stdin.isTTY === true;

/** Errors: `cli.interrupted` when the terminal ends before an answer. */
export async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<never>((_, reject) => {
      lines.once("close", () => reject(new CortexError("cli.interrupted", "invalid", "interrupted")));
    });
    return (await Promise.race([lines.question(`${question} `), ended])).trim();
  } finally {
    lines.close();
  }
}

/** Where nobody can be asked, the answer is no. */
export const confirmed = async (question: string): Promise<boolean> =>
  hasTerminal() && /^y(es)?$/i.test(await ask(`${question} [y/N]`));
