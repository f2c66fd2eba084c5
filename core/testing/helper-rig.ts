/** A privileged helper with real files and a real socket in a folder of its own; systemd is a table of units. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Effect, UnitVerb } from "cortex";
import type { Approval } from "../domain/decide/approval.ts";
import { hashOf } from "../domain/decide/bound-hash.ts";
import type { HelperAnswer, RootWork } from "../domain/root-work.ts";
import type { examine } from "../helper/examine.ts";
import { readPolicy, readTrust } from "../helper/files.ts";
import { createHelper, type Helper } from "../helper/helper.ts";
import type { Peer } from "../ports/network/peer.ts";
import { verifySignature } from "../store/key-file.ts";
import { openJournal, readLines } from "../store/helper/journal.ts";
import type { FoldLimits } from "../store/helper/journal-fold.ts";
import type { JournalLine } from "../store/helper/journal-line.ts";
import { createFakeExec } from "./fake-exec.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";
import { createTestMonitorKey, type TestMonitorKey } from "./test-monitor-key.ts";

export const HELPED_NODE = `n_${"a".repeat(26)}`;
const OWN_UID = process.getuid?.() ?? 0;

export interface HelperRig {
  clock: TestClock;
  key: TestMonitorKey;
  folder: string;
  helper: Helper;
  /** Verbs that systemd was told, in order: `restart nginx.service`. */
  acts: string[];
  /** What systemd says of units that are not loaded as themselves. */
  units: Record<string, Record<string, string>>;
  /** What the next act takes; it is told to systemd at once. */
  hold: Promise<void> | null;
  writePolicy(policy: object): void;
  /** A plan and its intent, as an agent would propose it. */
  work(effect: Effect, change?: Partial<RootWork>): RootWork;
  approve(work: RootWork, change?: Partial<Approval>): Approval;
  ask(work: unknown, approval?: unknown, peer?: Peer): Promise<HelperAnswer>;
  /** `ok`, or the reason of the refusal. */
  verdict(work: unknown, approval?: unknown): Promise<string>;
  kinds(): string[];
  /** Nothing can be written into the journal from now on. */
  breakJournal(): void;
  /** The helper of a later start, on the same files. */
  /** The helper is started again on the same folder. */
  again(change?: { bootId?: string; fold?: FoldLimits }): HelperRig;
  lines(): JournalLine[];
}

export const DECIDED = {
  version: 1,
  node: HELPED_NODE,
  user: "tester",
  decided: { units: "any" },
  alone: { units: { "nginx.service": ["restart"] } },
};

let serial = 0;

/** In `folder`, which the caller removes; what an earlier rig wrote there stays. */
export function createHelperRig(
  folder: string,
  options: {
    policy?: object;
    key?: TestMonitorKey;
    clock?: TestClock;
    examine?: typeof examine;
    bootId?: string;
    fold?: FoldLimits;
  } = {},
): HelperRig {
  const clock = options.clock ?? createTestClock();
  const key = options.key ?? createTestMonitorKey();
  const policyFile = join(folder, "helper.yaml");
  const trust = join(folder, "trust.d");
  const journalFile = join(folder, "journal");
  const writePolicy = (policy: object) => writeFileSync(policyFile, JSON.stringify(policy), { mode: 0o644 });
  if (!existsSync(trust)) {
    mkdirSync(trust, { mode: 0o755 });
    writeFileSync(join(trust, "monitor.key"), `# Monitor\n${key.signer}\n`, { mode: 0o644 });
    writePolicy(options.policy ?? DECIDED);
  }
  const acts: string[] = [];
  const units: HelperRig["units"] = {};
  const exec = createFakeExec();
  exec.run = async (argv) => {
    const [, verb = "", ...rest] = argv;
    const unit = rest.at(-1) ?? "";
    if (verb !== "show" && verb !== "reset-failed") {
      acts.push(`${verb} ${unit}`);
      await rig.hold;
    }
    const state = {
      Id: unit,
      LoadState: "loaded",
      UnitFileState: "enabled",
      ActiveState: "active",
      ...units[unit],
    };
    const stdout = Object.entries(state)
      .map(([name, value]) => `${name}=${value}\n`)
      .join("");
    const timing = { timedOut: false, truncated: false, durationMs: 1 };
    return { argv, exitCode: 0, stdout: verb === "show" ? stdout : "", stderr: "", ...timing };
  };
  const mark = () => ({ wall: clock.now(), mono: clock.monotonic(), bootId: options.bootId ?? "boot-1" });
  const journal = openJournal(journalFile, mark, options.fold);
  const helper = createHelper({
    policy: () => readPolicy(policyFile, OWN_UID),
    trusted: () => readTrust(trust, OWN_UID),
    verify: (signer, message, signature) =>
      verifySignature(new Uint8Array(Buffer.from(signer, "base64url")), message, signature),
    journal,
    ports: { exec, clock },
    clock,
    uidOf: (user) => (user === "tester" ? 1000 : null),
    log: () => {},
    ...(options.examine && { examine: options.examine }),
  });
  const peer = { pid: 4242, uid: 1000, gid: 1000 };

  const rig: HelperRig = {
    clock,
    key,
    folder,
    helper,
    acts,
    units,
    hold: null,
    writePolicy,
    work(effect, change = {}) {
      serial += 1;
      return {
        intent: `0199f000-0000-7000-8000-${String(serial).padStart(12, "0")}`,
        repair: "unit.restart",
        version: 1,
        class: "R2",
        params: { unit: "name" in effect ? effect.name : "" },
        plan: { summary: "as it says", changes: [], effects: [effect] },
        expiresAt: clock.now() + 3_600_000,
        ...change,
      };
    },
    approve: (work, change = {}) =>
      key.approve(
        { id: work.intent, class: work.class, hash: hashOf({ node: HELPED_NODE, ...work }) } as never,
        HELPED_NODE,
        clock.now(),
        change,
      ),
    async ask(work, approval = null, from = peer) {
      const line = JSON.stringify({ v: 1, op: "act", work, approval });
      return JSON.parse(await helper.answer(line, from)) as HelperAnswer;
    },
    async verdict(work, approval = null) {
      const answer = await rig.ask(work, approval);
      return answer.ok ? "ok" : answer.code.replace("helper.", "");
    },
    kinds: () => readLines(readFileSync(journalFile, "utf8"), journalFile).map(({ kind }) => kind),
    breakJournal: () => journal.close(),
    again: (change = {}) => createHelperRig(folder, { ...options, key, clock, ...change }),
    lines: () => readLines(readFileSync(journalFile, "utf8"), journalFile),
  };
  return rig;
}

export const restartOf = (name: string, verb: UnitVerb | "stop" = "restart"): Effect => ({
  kind: "service",
  verb,
  name,
});
