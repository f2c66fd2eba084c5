/** config.restore: the last text that passed its test, in place of one that does not. */
import { defineRepair, type Plan, type PluginContext, type Precondition, type Repair } from "cortex";
import * as z from "zod";
import { type FileConfig, ownerOf, TYPE } from "./config-file.ts";
import { type Copies, type Copy, isPlainText, sha256Of } from "./copies.ts";
import { differenceOf } from "./lines.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const params = z.strictObject({
  file: z.string().startsWith("/").describe("The file itself, behind all links."),
  from: sha256.describe("Of the text that is there and fails."),
  to: sha256.describe("Of the copy that passed."),
});
type Params = z.infer<typeof params>;

const SHORT = 12;

const rule = (name: string, broken: string | null): Precondition => ({
  name,
  ok: broken === null,
  detail: broken ?? "yes",
});

export function createRestore(
  ctx: PluginContext,
  config: FileConfig,
  place: () => Promise<string>,
  { copies, replaced }: { copies: Copies; replaced: Copies },
): Repair {
  const { fs, acts } = ctx;

  const copyOf = (hash: string): Copy | undefined => copies.list().find((one) => one.sha256 === hash);

  /** The copy's text, as long as it is whole. */
  async function goodText(hash: string): Promise<string | null> {
    const copy = copyOf(hash);
    const text = copy === undefined ? null : copies.text(copy);
    return text !== null && (await sha256Of(text)) === hash ? text : null;
  }

  async function replace({ file, from, to }: Params, dry: boolean, signal: AbortSignal) {
    const text = await goodText(to);
    if (text === null) return { ok: false, summary: `the copy of ${file} is gone` };
    return acts.run({ verb: "replace_file", path: file, expect: from, text, test: config.test, dry }, signal);
  }

  const hashNow = async (file: string) => sha256Of(await fs.readText(file));

  return defineRepair<Params>({
    name: "config.restore",
    version: 1,
    summary: "Put the last text of a configuration file back that passed its test.",
    class: "R3",
    remedies: [TYPE],
    maxAttempts: 1,
    params,
    async resolve(problem) {
      if (problem.target !== config.file || problem.owner !== ownerOf(config)) return null;
      const file = await place();
      const from = await hashNow(file);
      const last = copies.list().findLast((one) => one.sha256 !== from);
      return last === undefined ? null : { file, from, to: last.sha256 };
    },
    async preconditions({ file, from, to }) {
      const now = await hashNow(file);
      return [
        rule("has the right", acts.missing("replace_file")),
        rule("the text that fails is still there", now === from ? null : `${file} was changed meanwhile`),
        rule("the good copy is whole", (await goodText(to)) === null ? "it is gone or damaged" : null),
      ];
    },
    async configTest(given, run) {
      const outcome = await replace(given, true, run.signal);
      return { ok: outcome.ok, summary: outcome.summary };
    },
    async plan({ file, from, to }): Promise<Plan> {
      const then = (await goodText(to)) ?? "";
      const { added, removed, changes } = differenceOf(await fs.readText(file), then, config.show_lines);
      const at = copyOf(to)?.at;
      const copy = at === undefined ? "a copy" : `the copy of ${new Date(at).toISOString()}`;
      return {
        summary: `restore ${file} from ${copy}: ${removed} lines out, ${added} lines in`,
        changes: [{ what: file, from: from.slice(0, SHORT), to: to.slice(0, SHORT) }, ...changes],
        effects: [{ kind: "write", file }],
        data: { from, to },
      };
    },
    async apply(given, _plan, run) {
      const before = await fs.readText(given.file);
      if ((await sha256Of(before)) !== given.from)
        return { ok: false, summary: `${given.file} was changed meanwhile; nothing was replaced` };
      if (isPlainText(before)) replaced.put(given.from, before, ctx.clock.now());
      return replace(given, false, run.signal);
    },
    async verify({ file, to }) {
      const ok = (await hashNow(file)) === to;
      return { name: "the good text is there", ok, detail: ok ? file : `${file} has another text` };
    },
    async probe({ file, from, to }) {
      const now = await hashNow(file);
      return now === to ? "done" : now === from ? "not_done" : "unknown";
    },
    async undo({ file, from, to }, _plan, run) {
      const copy = replaced.list().find((one) => one.sha256 === from);
      const text = copy === undefined ? null : replaced.text(copy);
      if (text === null || (await sha256Of(text)) !== from)
        return { ok: false, summary: `what ${file} held before was not kept whole` };
      return acts.run(
        { verb: "replace_file", path: file, expect: to, text, test: null, dry: false },
        run.signal,
      );
    },
    async evidence({ file, to }) {
      const then = (await goodText(to)) ?? "";
      const { changes } = differenceOf(await fs.readText(file), then, config.show_lines);
      const lines = changes.map(
        ({ what, from, to: next }) => `${what} ${from === undefined ? "+" : "-"} ${from ?? next ?? ""}`,
      );
      return { [`${file} compared with its good copy, without secrets`]: lines.join("\n") };
    },
    needs: () => [acts.missing("replace_file")].filter((one) => one !== null),
  });
}
