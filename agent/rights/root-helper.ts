/** The agent's way to the privileged helper: what root's policy says it may ask for, and the socket to ask over. */
import { statSync } from "node:fs";
import { CortexError, isCortexError, messageOf } from "cortex";
import type { Config } from "../../core/config/schema.ts";
import {
  actAnswer,
  helperAnswer,
  type HelperRequest,
  type HelperStatus,
} from "../../core/domain/root-work.ts";
import { readPolicy } from "../../core/helper/files.ts";
import { leaveOf } from "../../core/helper/verbs.ts";
import type { HelperOutcome, RootHelper } from "../../core/pipeline/act/root-helper.ts";
import { askLine } from "../../core/ports/network/line-socket.ts";

type Place = Config["privileges"]["helper"];

/** Longer than the helper lets one wait and its longest act with all its questions to systemd. */
const ACT_MS = 155_000;
const STATUS_MS = 5000;

export function createRootHelper(place: () => Place): RootHelper {
  return {
    leave(effect) {
      const { socket, policy } = place();
      // A policy without a helper is a helper that was taken away.
      if (statSync(socket, { throwIfNoEntry: false })?.isSocket() !== true) return null;
      try {
        return leaveOf(effect, readPolicy(policy, process.getuid?.() ?? 0));
      } catch {
        return null;
      }
    },
    async act(work, approval): Promise<HelperOutcome> {
      try {
        return actAnswer.parse(await ask(place().socket, { v: 1, op: "act", work, approval }, ACT_MS));
      } catch (error) {
        const code = isCortexError(error) ? error.code : "";
        const outcome = { ok: false, summary: messageOf(error), data: { helper: code } };
        return isNotDone(code) ? { ...outcome, isRefused: true } : { ...outcome, isLost: true };
      }
    },
  };
}

/** It said no, or was never asked. All else came after the question had gone out. */
const isNotDone = (code: string) => code.startsWith("helper.") || code === "socket.unavailable";

/** Errors: `helper.REASON` of its refusal, `socket.*` when it can't be reached. */
export const helperStatus = async (socket: string): Promise<HelperStatus> =>
  (await ask(socket, { v: 1, op: "status" }, STATUS_MS)) as HelperStatus;

async function ask(socket: string, request: HelperRequest, timeoutMs: number): Promise<unknown> {
  const answer = helperAnswer.parse(JSON.parse(await askLine(socket, JSON.stringify(request), timeoutMs)));
  if (answer.ok) return answer.data;
  throw new CortexError(answer.code, "forbidden", answer.message);
}
