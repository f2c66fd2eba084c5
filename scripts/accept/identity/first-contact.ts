/**
 * T06, T18: a stranger who answers in the Monitor's place hears nothing of a join string: neither one with another
 * certificate, nor one whose line is trusted and whose key is not the promised one.
 */
import { encodeJoinString, type JoinString, parseJoinString } from "../../../core/wire/join-string.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Ran } from "../lib/run.ts";
import type { Scenario } from "../scenario.ts";
import { type Place, startLine, tryJoin } from "./remote.ts";

/** Of a Monitor's next token, its address as this line's. */
async function joinStringOf(monitor: Cortex, line: Place): Promise<JoinString> {
  const made = await monitor.cli(
    "token",
    "create",
    "--json",
    "--address",
    line.url,
    "--fingerprint",
    line.fingerprint,
  );
  return parseJoinString((JSON.parse(made.stdout) as { join: string }).join)!;
}

const joinBy = async (rig: Rig, name: string, url: string, token: JoinString): Promise<Ran> =>
  (await tryJoin(rig, name, [url, "--token", encodeJoinString(token)])).joined;

/** What becomes of a join string on its way; a control has machines that look at less of it. */
async function meetStrangers(rig: Rig, readBy: (token: JoinString, met: JoinString) => JoinString) {
  const [monitor, stranger] = [await rig.cortex(), await rig.cortex()];
  const line = await startLine(rig, monitor);

  // Between both, with a certificate of its own: what it hears it could pass on, and nobody would notice.
  const between = await startLine(rig, monitor);
  const first = await joinStringOf(monitor, line);
  const met = { ...first, url: between.url, server: between.fingerprint };
  const tapped = await joinBy(rig, "tapped", between.url, readBy(first, met));
  ensure(!between.heard().includes(first.secret), "who stands between heard the join string");
  ensureEqual(between.heard(), "", "what was said to a server with another certificate");
  ensure(tapped.code !== 0, `the join says ${tapped.stdout}`);

  // At the end of a line that is trusted, another Monitor.
  const elsewhere = await startLine(rig, stranger);
  const second = await joinStringOf(monitor, elsewhere);
  const lured = await joinBy(
    rig,
    "lured",
    elsewhere.url,
    readBy(second, await joinStringOf(stranger, elsewhere)),
  );
  ensure(!elsewhere.heard().includes(second.secret), "a stranger's Monitor heard the join string");
  ensure(lured.stderr.includes("does not hold the key that was promised"), `the join says ${lured.stderr}`);

  const joined = await joinBy(rig, "honest", line.url, first);
  ensureEqual(joined.code, 0, `the token that was not told is still good: ${joined.stderr}`);
  ensure(line.heard().includes(first.secret), "the tap hears nothing at all");
  return "not a byte to another certificate, no token to another key; the same token then joined the right one";
}

export default {
  name: "first-contact",
  quick: true,
  timeoutMs: 120_000,
  threats: ["T06", "T18"],
  run: (rig) => meetStrangers(rig, (token) => token),
  /** Machines that believe whom they meet first, whatever was promised. */
  control: (rig) => meetStrangers(rig, (token, met) => ({ ...met, secret: token.secret })),
} satisfies Scenario;
