/** A text in the person's own editor, started without a shell. */
import { CortexError, messageOf } from "cortex";

/** `$VISUAL`, else `$EDITOR`, else vi: words apart, quotes kept together, nothing expanded. */
export function editorArgv(env: Record<string, string | undefined>): string[] {
  const line = [env.VISUAL, env.EDITOR].find((one) => one !== undefined && one.trim() !== "") ?? "vi";
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
}

/** Until it is closed. Errors: `cli.editor`. `quiet`: standard output is kept for something else. */
export async function openEditor(path: string, quiet: boolean): Promise<void> {
  const [program = "vi", ...args] = editorArgv(process.env);
  let code: number;
  try {
    const editor = Bun.spawn([program, ...args, path], {
      stdin: "inherit",
      stdout: quiet ? 2 : "inherit",
      stderr: "inherit",
    });
    code = await editor.exited;
  } catch (cause) {
    throw new CortexError(
      "cli.editor",
      "invalid",
      `can't start the editor ${program}: ${messageOf(cause)}; name another one in $EDITOR`,
      { cause },
    );
  }
  if (code !== 0)
    throw new CortexError(
      "cli.editor",
      "invalid",
      `the editor ${program} ended with ${code}, so nothing was saved`,
    );
}
