/** The policy in the person's own editor: checked until it fits, compared, saved when the person says so. Nothing typed is lost. */
import { CortexError, isCortexError } from "cortex";
import { type ConfigProblem, formatProblem } from "../../../core/config/problems.ts";
import { readPolicyText } from "../../../core/decide/policy-text.ts";
import type { PolicyDocument } from "../../../core/domain/decide/policy.ts";
import type { BacktestResult, PolicyVersionItem } from "../../../core/http/types.ts";
import { createDraftFile, type DraftFile } from "../../../core/ports/files/draft-file.ts";
import { ask, confirmed, hasTerminal } from "../ask.ts";
import { type ConnectionArgs, withClient } from "../client.ts";
import { command, connectionArgs } from "../command.ts";
import { openEditor } from "../editor.ts";
import { clean, paint, print, printable, printJson } from "../output.ts";
import { changesOf, printChanges } from "../policy-changes.ts";
import { inForce, printBacktest, warnOf, withHead, withoutHead } from "../policy-file.ts";

interface Args extends ConnectionArgs {
  json?: boolean | undefined;
  note?: string | undefined;
  yes?: boolean | undefined;
}

/** With `--json` standard output is for the saved version alone. */
const say = (text: string): void => void process.stderr.write(`${printable(text)}\n`);

const current = (args: Args) => withClient(args, (client) => client.get<PolicyVersionItem>("policy"));

export default command({
  name: "policy edit",
  description: "Edit the policy in $VISUAL or $EDITOR; it is checked, compared, and saved when you say so.",
  args: {
    ...connectionArgs,
    note: { type: "string", description: "Why; kept with the version.", valueHint: "TEXT" },
    yes: { type: "boolean", description: "Save what fits without being asked." },
  },
  async run(args) {
    if (args.yes !== true && !hasTerminal())
      throw new CortexError(
        "cli.terminal",
        "invalid",
        "no terminal to ask at; say --yes, or use `cortex policy show`, `policy test` and `policy save`",
      );
    const base = await current(args);
    const draft = createDraftFile("policy.yaml", withHead(base));
    const saved = await editUntilSaved(args, draft, base).catch((error: unknown) => {
      throw withPlace(error, draft, base);
    });
    if (saved === null) return;
    draft.remove();
    if (args.json) return printJson(saved);
    print(inForce(saved));
  },
});

/** null: nothing was to be saved. */
async function editUntilSaved(
  args: Args,
  draft: DraftFile,
  first: PolicyVersionItem,
): Promise<PolicyVersionItem | null> {
  let base = first;
  let edited = false;
  for (;;) {
    if (!edited) await openEditor(draft.path, args.json === true);
    edited = true;
    const whole = draft.read();
    const { text } = withoutHead(whole);
    if (text === base.text) {
      draft.remove();
      say("Nothing was changed.");
      return null;
    }
    const { document, problems, warnings } = readPolicyText(whole, draft.path);
    if (problems !== null) {
      await mend(args, problems);
      edited = false;
      continue;
    }
    warnOf(warnings);
    const answer = await decide(args, base, document);
    if (answer === "edit") edited = false;
    if (answer === "test") printBacktest(await tried(args, document), say);
    if (answer === "no") throw notSaved("nothing was saved");
    if (answer !== "yes") continue;
    const result = await save(args, base, text);
    if (result.saved) return result.version;
    base = result.version;
  }
}

/** Says what is wrong; comes back when the person edits again. */
async function mend(args: Args, problems: readonly ConfigProblem[]): Promise<void> {
  for (const problem of problems) say(paint(formatProblem(problem), "red"));
  const again = args.yes !== true && (await ask("It does not fit. Edit again? [Y/n]"));
  if (again === false || /^n/i.test(again)) throw notSaved("it does not fit, so nothing was saved");
}

type Answer = "yes" | "no" | "edit" | "test";

async function decide(args: Args, base: PolicyVersionItem, document: PolicyDocument): Promise<Answer> {
  const before = readPolicyText(base.text, "policy").document ?? base.document;
  printChanges(changesOf(before, document), say);
  if (args.yes === true) return "yes";
  const letter = (await ask("Save it? [y]es, [t]ry it on the past, [e]dit again, [N]o")).toLowerCase();
  return ({ y: "yes", t: "test", e: "edit" } as const)[letter[0] ?? ""] ?? "no";
}

const tried = (args: Args, document: PolicyDocument) =>
  withClient(args, (client) => client.post<BacktestResult>("policy/test", { document }));

/** `saved: false`: somebody else saved meanwhile, and the person wants to go on from that `version`. */
async function save(
  args: Args,
  base: PolicyVersionItem,
  text: string,
): Promise<{ saved: boolean; version: PolicyVersionItem }> {
  const note = args.note ?? (args.yes === true ? "" : await ask("Why?"));
  try {
    const version = await withClient(args, (client) =>
      client.post<PolicyVersionItem>("policy", { text, basedOn: base.version, note }),
    );
    return { saved: true, version };
  } catch (error) {
    if (!isCortexError(error) || error.code !== "policy.outdated") throw error;
    const theirs = await current(args);
    say(`${clean(theirs.author)} saved version ${theirs.version} meanwhile. It changed:`);
    printChanges(changesOf(base.document, theirs.document), say);
    if (args.yes === true || !(await confirmed(`Go on from version ${theirs.version} with your text?`)))
      throw notSaved("nothing was saved, somebody else saved meanwhile");
    return { saved: false, version: theirs };
  }
}

const notSaved = (why: string) => new CortexError("cli.not_saved", "conflict", why);

/** Nothing that was typed goes away with an error; its place is said. */
function withPlace(error: unknown, draft: DraftFile, base: PolicyVersionItem): unknown {
  if (!isCortexError(error)) return error;
  if (withoutHead(draft.read()).text !== base.text)
    return new CortexError(error.code, error.kind, `${error.message}; your text is in ${draft.path}`, {
      cause: error,
    });
  draft.remove();
  return error;
}
