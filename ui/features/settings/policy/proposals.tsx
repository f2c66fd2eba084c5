/** Rules that follow from what people decided: a click takes one into the policy, or says that people go on deciding. */
import { For, Show } from "solid-js";
import { createAct } from "../../../kit/act.ts";
import { Button } from "../../../kit/button.tsx";
import { Panel } from "../../../kit/panel.tsx";
import { errorText } from "../../../kit/states.tsx";
import { Status } from "../../../kit/status.tsx";
import { toast } from "../../../kit/toast.tsx";
import { createLoaded } from "../../../data/loaded.ts";
import { policyApi, type RuleProposalItem } from "./policy.api.ts";
import { verdictLook } from "./policy.model.ts";
import { Conditions } from "./rule-list.tsx";
import { text } from "./texts.ts";

export function Proposals(props: { mayEdit: boolean; onAnswered: () => Promise<void> }) {
  const t = () => text().policy;
  const proposals = createLoaded(policyApi.proposals);
  const answered = async () => {
    await Promise.all([proposals.reload(), props.onAnswered()]);
  };
  return (
    <Show when={(proposals.value()?.length ?? 0) > 0}>
      <Panel title={t().proposals} count={proposals.value()?.length}>
        <ul>
          <For each={proposals.value()}>
            {(one) => <Proposal one={one} mayEdit={props.mayEdit} onAnswered={answered} />}
          </For>
        </ul>
      </Panel>
    </Show>
  );
}

function Proposal(props: { one: RuleProposalItem; mayEdit: boolean; onAnswered: () => Promise<void> }) {
  const t = () => text().policy;
  const act = createAct(async (word: "accept" | "dismiss") => {
    const { version } = await policyApi.answer(props.one.rule.id, word);
    toast(word === "accept" ? t().saved(version) : t().dismissed);
    await props.onAnswered();
  });
  const answer = async (word: "accept" | "dismiss") => {
    const refusal = await act.run(word);
    if (refusal !== null) toast(errorText(refusal), "bad");
  };
  return (
    <li class="flex flex-wrap items-start gap-x-4 gap-y-2 border-line px-4 py-3 not-last:border-b">
      <div class="min-w-60 flex-1">
        <p class="flex flex-wrap items-center gap-x-3">
          <code class="font-medium break-all">{props.one.rule.id}</code>
          <Status look={verdictLook(props.one.rule, text())} />
        </p>
        <Conditions rule={props.one.rule} />
        <p class="mt-1 text-sm text-muted">
          {t().proposal(props.one.cases.length)} ·{" "}
          {t().proposalTest(props.one.test.would.allow, props.one.test.cases)}
        </p>
      </div>
      <Show when={props.mayEdit}>
        <span class="flex gap-2">
          <Button small disabled={act.busy()} onClick={() => void answer("dismiss")}>
            {t().dismiss}
          </Button>
          <Button small kind="primary" busy={act.busy()} onClick={() => void answer("accept")}>
            {t().accept}
          </Button>
        </span>
      </Show>
    </li>
  );
}
