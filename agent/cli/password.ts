/** A new password from the person at the terminal, or from standard input. */
import { CortexError } from "cortex";

/** Errors: `cli.password` when there is none, or no terminal to ask at. */
export const newPassword = (fromStdin: boolean | undefined): Promise<string> =>
  fromStdin ? readLine() : askPassword();

/** The first line of standard input. */
async function readLine(): Promise<string> {
  const text = await new Response(Bun.stdin.stream()).text();
  const line = text.split("\n", 1)[0] ?? "";
  if (line === "") throw new CortexError("cli.password", "invalid", "no password on standard input");
  return line;
}

/** Typed without echo; refuses where there is no terminal to type at. */
async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY)
    throw new CortexError(
      "cli.password",
      "invalid",
      "no terminal to ask for a password; use --password-stdin",
    );
  process.stderr.write("Password: ");
  process.stdin.setRawMode(true);
  let typed = "";
  try {
    for await (const chunk of process.stdin) {
      for (const char of String(chunk)) {
        if (char === "\r" || char === "\n") return typed;
        if (char === "\u0003") throw new CortexError("cli.interrupted", "invalid", "interrupted");
        typed = char === "\u007f" ? typed.slice(0, -1) : typed + char;
      }
    }
    return typed;
  } finally {
    process.stdin.setRawMode(false);
    process.stderr.write("\n");
  }
}
