/** config_file: a declared configuration file passes its test; a text that does is kept. */
import { type Check, isCortexError, messageOf, oneLine, type PluginContext } from "cortex";
import { firstLine } from "../common/systemd-unit.ts";
import { type Copies, isPlainText, sha256Of } from "./copies.ts";
import { createHider } from "./redact.ts";

export const TYPE = "config.broken";
const TEST_MS = 20_000;

export interface FileConfig {
  file: string;
  test: string[];
  owner: string | null;
  keep: number;
  show_lines: boolean;
}

export const ownerOf = ({ owner, file }: FileConfig) => owner ?? `file:${file}`;

export function createConfigFile(
  ctx: PluginContext,
  config: FileConfig,
  place: () => Promise<string>,
  copies: Copies,
): Check {
  async function test(file: string, text: string, signal: AbortSignal): Promise<string | null> {
    const argv = config.test.map((word) => word.replaceAll("{file}", file));
    const result = await ctx.exec.run(argv, { signal, timeoutMs: TEST_MS });
    if (result.exitCode === 0) return null;
    if (result.timedOut) return `${argv[0]} did not answer within 20 s`;
    const worst = result.stderr.split("\n").find((line) => /emerg|fatal|error|alert/i.test(line));
    return createHider(text)(worst?.trim() ?? firstLine(result)).slice(0, 300);
  }

  /** What is kept of it, in words. */
  async function keep(file: string, before: string): Promise<string> {
    // Somebody may have written while it was tested: then it is not known which text passed.
    const text = await ctx.fs.readText(file);
    if (text !== before) return "it was changed while it was tested";
    if (!isPlainText(text)) return "no copy is kept: it is no text, or too large";
    const lost = copies.put(await sha256Of(text), text, ctx.clock.now());
    const kept = copies.list().length === 1 ? "a copy is kept" : `${copies.list().length} copies are kept`;
    if (lost === 0) return kept;
    const many = lost === 1 ? "a former copy" : `${lost} former copies`;
    ctx.note(`${many} of ${config.file} could not be read any more and began anew: their key was lost`);
    return `${kept}; ${many} could not be read any more`;
  }

  /** When it was good last, and whether there is a way back to that. */
  function lastGood(): string {
    const last = copies.list().at(-1);
    if (last === undefined) return "no good copy is known";
    const found = copies.read(last);
    const passed = `it passed ${new Date(last.at).toISOString()}`;
    return "text" in found ? passed : `${passed}, but that copy can't be read: ${found.why}`;
  }

  return {
    name: "config_file",
    summary: "A declared configuration file passes its test.",
    type: TYPE,
    nature: "fact",
    intervalMs: 60_000,
    confirmMs: 60_000,
    async run({ signal }) {
      const file = await place();
      const base = { target: config.file, owner: ownerOf(config) };
      const named = file === config.file ? file : `${config.file} (really ${file})`;
      let text: string;
      try {
        text = await ctx.fs.readText(file);
      } catch (error) {
        const summary = oneLine(`${named} can't be read: ${messageOf(error)}`);
        return [{ ...base, status: "critical", type: "config.missing", summary }];
      }
      const why = await test(file, text, signal);
      if (why !== null)
        return [
          { ...base, status: "critical", summary: oneLine(`${named} fails its test: ${why}; ${lastGood()}`) },
        ];
      try {
        return [{ ...base, status: "ok", summary: `${named} passes its test; ${await keep(file, text)}` }];
      } catch (error) {
        if (!isCortexError(error) || !error.code.startsWith("vault.")) throw error;
        const summary = oneLine(`${named} passes its test, but no copy can be kept: ${messageOf(error)}`);
        return [{ ...base, status: "warning", type: "config.not_kept", summary }];
      }
    },
  };
}
