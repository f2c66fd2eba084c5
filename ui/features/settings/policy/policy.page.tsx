/** The rules that decide in people's place: to read, to write, and every version there was. */
import { useSearchParams } from "@solidjs/router";
import { Match, Show, Switch } from "solid-js";
import { Button } from "../../../kit/button.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { Tabs } from "../../../kit/tabs.tsx";
import { Time } from "../../../kit/time.tsx";
import { actorName } from "../../../texts/actor-name.ts";
import { session } from "../../../data/app.ts";
import { createLoaded } from "../../../data/loaded.ts";
import { draft, setDraft } from "./draft.ts";
import { PolicyEdit } from "./policy-edit.tsx";
import { PolicyHistory } from "./policy-history.tsx";
import { policyApi, type PolicyVersion } from "./policy.api.ts";
import { STARTER } from "./policy.model.ts";
import { Proposals } from "./proposals.tsx";
import { RuleList } from "./rule-list.tsx";
import { text } from "./texts.ts";

const VIEWS = ["rules", "text", "history"] as const;
type View = (typeof VIEWS)[number];

export default function PolicyPage() {
  const t = () => text().policy;
  const [search, setSearch] = useSearchParams<{ view?: string }>();
  const view = (): View => VIEWS.find((one) => one === search.view) ?? "rules";
  const show = (next: View) => setSearch({ view: next === "rules" ? undefined : next }, { scroll: false });
  const policy = createLoaded(policyApi.current);
  /** The server has the last word. */
  const mayEdit = () => session.user()?.permissions.includes("settings.write") === true;

  return (
    <section aria-labelledby="policy" class="min-w-0">
      <header class="mb-2 flex min-h-7 flex-wrap items-center gap-x-3 gap-y-2">
        <h2 id="policy" class="text-md font-semibold">
          {text().settingsPages.policy}
        </h2>
        <Show when={policy.value()}>{(current) => <InForce current={current()} />}</Show>
        <div class="ml-auto">
          <Tabs
            label={t().viewsLabel}
            options={VIEWS.map((id) => ({ id, label: t().views[id] }))}
            value={view()}
            onChoose={show}
          />
        </div>
      </header>
      <QueryView
        state={policy.state}
        isEmpty={false}
        skeleton={
          <div class="rounded-lg border border-line bg-surface">
            <Skeleton rows={4} rowClass="h-16" />
          </div>
        }
        onRetry={() => void policy.reload()}
        empty={null}
      >
        <Switch>
          <Match when={view() === "rules"}>
            <Rules
              current={policy.value()!}
              mayEdit={mayEdit()}
              onEdit={() => show("text")}
              onReload={policy.reload}
            />
          </Match>
          <Match when={view() === "text"}>
            <PolicyEdit current={policy.value()!} mayEdit={mayEdit()} onReload={policy.reload} />
          </Match>
          <Match when={view() === "history"}>
            <PolicyHistory current={policy.value()!} mayEdit={mayEdit()} onRestored={() => show("text")} />
          </Match>
        </Switch>
      </QueryView>
    </section>
  );
}

function InForce(props: { current: PolicyVersion }) {
  return (
    <p class="text-sm text-muted">
      <Show when={props.current.version > 0} fallback={text().policy.noVersion}>
        {text().policy.inForce(props.current.version)} · {actorName(props.current.author)}{" "}
        <Show when={props.current.at}>{(at) => <Time at={at()} />}</Show>
      </Show>
    </p>
  );
}

function Rules(props: {
  current: PolicyVersion;
  mayEdit: boolean;
  onEdit: () => void;
  onReload: () => Promise<void>;
}) {
  const t = () => text().policy;
  const begin = () => {
    if (draft() === null) setDraft({ basedOn: props.current.version, text: STARTER });
    props.onEdit();
  };
  return (
    <div class="flex flex-col gap-5">
      <Show when={draft()}>
        <p class="flex flex-wrap items-center gap-3 rounded-lg border border-line bg-raised px-4 py-2">
          {t().draftKept}
          <Button small class="ml-auto" onClick={() => props.onEdit()}>
            {t().draftOpen}
          </Button>
        </p>
      </Show>
      <div class="overflow-hidden rounded-lg border border-line bg-surface">
        <Show
          when={props.current.document.rules.length > 0}
          fallback={
            <Empty icon="decision" title={t().empty} body={t().emptyBody}>
              <Show when={props.mayEdit}>
                <Button class="mt-4" kind="primary" onClick={begin}>
                  {t().write}
                </Button>
              </Show>
            </Empty>
          }
        >
          <RuleList rules={props.current.document.rules} />
        </Show>
      </div>
      <Proposals mayEdit={props.mayEdit} onAnswered={props.onReload} />
    </div>
  );
}
