/** A judge of the real client library, whose API is a small server on loopback. */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { evaluationDigest } from "../../../core/decide/eval/set.ts";
import { type FakeMessagesApi, startFakeMessagesApi } from "../../../core/testing/fake-messages-api.ts";
import { INSTRUCTIONS } from "../../../plugins/common/judge-prompt.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";

export function fakeApi(rig: Rig): FakeMessagesApi {
  const api = startFakeMessagesApi();
  rig.atEnd(() => api.stop());
  return api;
}

/** Models of the fake are named after what they do. */
export const claude = (api: { url: string }, model: string, more: object = {}) => ({
  "decider-claude": [
    {
      api_key: "sk-accept-0123456789",
      base_url: api.url,
      model,
      second_model: null,
      request_timeout: "2s",
      retries: 1,
      prices: { [model]: { input: 1, output: 5 } },
      ...more,
    },
  ],
});

/** The rule without which no judge is asked. */
export async function letJudgeDecide(cortex: Cortex): Promise<void> {
  const rules = [{ id: "judge", when: { repair: "service.*" }, verdict: "human", llm_may_decide: true }];
  const current = await cortex.api<{ version: number }>("GET", "policy");
  const answer = await cortex.api("POST", "policy", {
    document: { version: 1, rules },
    basedOn: current.json.version,
    note: "accept",
  });
  ensureEqual(answer.status, 200, `saving the policy (${answer.text})`);
}

/** A pass of the evaluation, written while nothing runs. */
export async function prove(cortex: Cortex, models: readonly string[], decider = "claude"): Promise<void> {
  await cortex.stop();
  const db = new Database(join(cortex.dataDir, "monitor.db"));
  for (const model of models)
    db.run(
      "INSERT OR REPLACE INTO evaluations (decider, model, at, digest, figures) VALUES (?, ?, ?, ?, ?)",
      [decider, model, Date.now(), evaluationDigest(INSTRUCTIONS), "{}"],
    );
  db.close();
  await cortex.restart();
}
