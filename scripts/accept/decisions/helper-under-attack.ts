/** T41: whoever has taken over the agent speaks to the helper of root directly, and gets nothing done. */
import { openSync, closeSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { examine } from "../../../core/helper/examine.ts";
import { actOf } from "../../../core/helper/verbs.ts";
import { keyName } from "../../../core/store/identity.ts";
import { ephemeralKeyPair } from "../../../core/store/key-file.ts";
import { createHelperRig } from "../../../core/testing/helper-rig.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { pause } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { actLine, approvalOf, type Attempt, attempts, NODE, restart, TARGET, workFor } from "./attack.ts";
import { rootSide, type RootSide } from "./root-side.ts";

/** More than the helper listens to in a minute. */
const FLOOD = 1000;
/** So many questions at a time that its own limit of a minute is not what refuses them. */
const AT_A_TIME = 100;
const MINUTE_MS = 60_500;
const TOO_LONG = 256 * 1024;

async function say(
  rig: Rig,
  root: RootSide,
  given: readonly Attempt[],
  who = root.asUser,
): Promise<string[]> {
  const file = join(rig.folder, `say-${crypto.randomUUID()}`);
  const fd = openSync(file, "wx", 0o644);
  writeSync(fd, given.map(({ line }) => `${line.replaceAll("\n", " ")}\n`).join(""));
  closeSync(fd);
  const program = join(rig.root, "scripts/accept/lib/ask-socket.py");
  const { code, stdout, stderr } = await rig.run([...who, "/usr/bin/python3", program, root.socket, file], {
    timeoutMs: 60_000,
  });
  ensureEqual(code, 0, `the attacker's own program (${stderr.trim()})`);
  return stdout.split("\n").slice(0, given.length);
}

const isDone = (answer: string) => answer.startsWith('{"ok":true');

async function run(rig: Rig): Promise<string> {
  const root = await rootSide(rig);
  const [decides, stranger] = [ephemeralKeyPair(), ephemeralKeyPair()];
  root.unit(TARGET, await rig.port());
  root.writePolicy({ node: NODE, decided: { units: "any" } });
  const key = rig.file("decides.pub", keyName(decides.publicKey));
  const trusted = await root.helper("trust", "add", key, "--yes", "--settings", root.settings);
  ensureEqual(trusted.code, 0, `trust add (${trusted.stderr.trim()})`);
  await root.listen();

  const all = attempts(decides, stranger);
  ensure(all.length <= AT_A_TIME, "too many attempts for one minute");
  const answers = await say(rig, root, all);
  for (const [at, { what }] of all.entries()) {
    ensure(!isDone(answers[at] ?? ""), `${what}: the helper did it`);
    // Who says too much finds the door closed while still speaking.
    ensure(answers[at]!.includes('"ok":false') || all[at]!.line.length > TOO_LONG, `${what}: no answer`);
  }
  ensureEqual(root.acts(), [], `acts after ${all.length} attempts`);
  const others = [...root.asRoot, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
  const work = workFor(restart(TARGET));
  const real = { what: "the real one", line: actLine(work, approvalOf(work, decides)) };
  ensureEqual(await say(rig, root, [real], others), [""], "what another user hears");

  const noApproval = { what: "no approval", line: actLine(workFor(restart(TARGET)), null) };
  const flood = await say(
    rig,
    root,
    Array.from({ length: FLOOD }, () => noApproval),
  );
  ensureEqual(flood.filter(isDone).length, 0, "acts of the flood");
  const { stdout } = await root.helper("log", "--json", "--state", root.state);
  const lines = (JSON.parse(stdout) as unknown[]).length;
  ensure(lines < 50, `the flood wrote ${lines} lines into the helper's journal`);

  // Nothing of all that spoiled it: the real word is done once.
  await pause(MINUTE_MS);
  const [first, ...again] = await say(rig, root, [real, real, real]);
  ensure(isDone(first ?? ""), `the real approval is refused: ${first}`);
  for (const answer of again) ensure(answer.includes("helper.replayed"), `used again: ${answer}`);
  ensureEqual(root.acts(), [`restart ${TARGET}`], "acts in the end");
  return `${all.length} forged, altered, late, foreign and crooked questions, a flood of ${FLOOD} and another user: 0 acts, ${lines} lines of journal; the real approval acts once, twice replayed in vain`;
}

/** A helper that does whatever a verb can read. */
const believing: typeof examine = async (work) => {
  const [effect] = work.plan.effects;
  const found = effect && actOf(effect);
  if (!found) return { reason: "unknown_action", message: "no verb" };
  return { ...found, target: found.verb.target(found.act), approval: null };
};

async function control({ folder }: Rig): Promise<string> {
  const { helper, acts } = createHelperRig(folder, { examine: believing });
  const peer = { pid: 1, uid: 1000, gid: 1000 };
  for (const { line } of attempts(ephemeralKeyPair(), ephemeralKeyPair())) await helper.answer(line, peer);
  ensureEqual(acts, [], "acts without the examination");
  return "nothing was done";
}

const scenario: Scenario = {
  name: "helper-under-attack",
  quick: false,
  timeoutMs: 240_000,
  threats: ["T26", "T28", "T41", "T43", "T44"],
  run,
  control,
};
export default scenario;
