/** config.restore: the last text that passed its test, in place of one that does not. */
import { defineRepair, type Plan, type PluginContext, type Precondition, type Repair } from "cortex";
import * as z from "zod";
import { type FileConfig, ownerOf, TYPE } from "./config-file.ts";
import { type Copies, type Copy, type Found, isPlainText, sha256Of } from "./copies.ts";
import { differenceOf } from "./lines.ts";
import { createHider } from "./redact.ts";

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

  const copyOf = (hash: string, among = copies): Copy | undefined =>
    among.list().find((one) => one.sha256 === hash);

  async function wholeCopy(among: Copies, hash: string): Promise<Found> {
    const copy = copyOf(hash, among);
    if (copy === undefined) return { why: "it is gone" };
    const found = among.read(copy);
    return "why" in found || (await sha256Of(found.text)) === hash ? found : { why: "it is damaged" };
  }

  const goodCopy = (hash: string) => wholeCopy(copies, hash);

  async function goodText(hash: string): Promise<string> {
    const found = await goodCopy(hash);
    return "text" in found ? found.text : "";
  }

  async function replace({ file, from, to }: Params, dry: boolean, signal: AbortSignal) {
    const found = await goodCopy(to);
    if ("why" in found) return { ok: false, summary: `the copy of ${file} can't be had: ${found.why}` };
    const { text } = found;
    const act = { verb: "replace_file", path: file, expect: from, text, test: config.test, dry } as const;
    const outcome = await acts.run(act, signal);
    // What the test says of a text that it refuses goes into the ledger.
    return { ...outcome, summary: createHider(text)(outcome.summary) };
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
      const last = copies.other(from);
      return last === undefined ? null : { file, from, to: last.sha256 };
    },
    async preconditions({ file, from, to }) {
      const now = await hashNow(file);
      const copy = await goodCopy(to);
      return [
        rule("has the right", acts.missing("replace_file")),
        rule("the text that fails is still there", now === from ? null : `${file} was changed meanwhile`),
        rule("the good copy is whole", "why" in copy ? copy.why : null),
      ];
    },
    async configTest(given, run) {
      const outcome = await replace(given, true, run.signal);
      return { ok: outcome.ok, summary: outcome.summary };
    },
    async plan({ file, from, to }): Promise<Plan> {
      const then = await goodText(to);
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
      const found = await wholeCopy(replaced, from);
      if ("why" in found)
        return { ok: false, summary: `what ${file} held before can't be had: ${found.why}` };
      const { text } = found;
      return acts.run(
        { verb: "replace_file", path: file, expect: to, text, test: null, dry: false },
        run.signal,
      );
    },
    async evidence({ file, to }) {
      const then = await goodText(to);
      const { changes } = differenceOf(await fs.readText(file), then, config.show_lines);
      const lines = changes.map(
        ({ what, from, to: next }) => `${what} ${from === undefined ? "+" : "-"} ${from ?? next ?? ""}`,
      );
      return { [`${file} compared with its good copy, without secrets`]: lines.join("\n") };
    },
    needs: () => [acts.missing("replace_file")].filter((one) => one !== null),
  });
}
