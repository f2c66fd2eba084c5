/** What people type in another order, or after the habit of another command, is understood as it was meant. */
import { CortexError } from "cortex";
import { connectionArgs } from "./command.ts";

/** `cortex --data-dir DIR status` is `cortex status --data-dir DIR`: options of every command may stand before it. */
export function optionsLast(words: readonly string[]): string[] {
  let at = 0;
  for (let word = words[0]; word !== undefined; word = words[at]) {
    const option = word.replace(/^--/, "").split("=", 1)[0]!;
    if (!word.startsWith("--") || !Object.hasOwn(connectionArgs, option)) break;
    const { type } = connectionArgs[option as keyof typeof connectionArgs];
    at += type === "string" && !word.includes("=") ? 2 : 1;
  }
  const rest = words.slice(at);
  // Without a command there is nothing to put them behind.
  if (at === 0 || rest.length === 0 || rest[0]!.startsWith("-")) return [...words];
  const end = rest.includes("--") ? rest.indexOf("--") : rest.length;
  return [...rest.slice(0, end), ...words.slice(0, at), ...rest.slice(end)];
}

/** `cortex problems show ID` and `cortex problems list`, as with every other list. Errors: `cli.argument`. */
export function withoutVerb(words: readonly string[], path: readonly string[]): string[] {
  const [first, second] = words;
  if (path.join(" ") !== "problems" || (first !== "show" && first !== "list")) return [...words];
  if (first === "show" && (second === undefined || second.startsWith("-")))
    throw new CortexError(
      "cli.argument",
      "invalid",
      "missing required positional argument: ID; write cortex problems ID",
    );
  return words.slice(1);
}
