/** Who decides now: the judges in their order, then rules and people; and what is repaired without a person meanwhile. */
import { createEffect, createMemo, For, on, Show } from "solid-js";
import { Panel } from "../../kit/panel.tsx";
import { QueryView, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { api, live, session } from "../../data/app.ts";
import { now } from "../../lib/clock.ts";
import { createLoaded } from "../../data/loaded.ts";
import { formatCost } from "./decision.model.ts";
import { changesAt, type Step, stepsOf, withoutPeople } from "./ladder.model.ts";
import { text } from "./texts.ts";

/** Who sees only a part of the tree is not told how the whole of it decides, and does not ask. */
export function Ladder() {
  const seesAll = () => session.user()?.grants.some(({ scope }) => scope === "*") ?? false;
  return (
    <Show when={seesAll()}>
      <WholeLadder />
    </Show>
  );
}

function WholeLadder() {
  const loaded = createLoaded(api.judges);
  const ladder = () => loaded.value();
  // What was said about decisions may be the failure of a judge.
  const said = createMemo(() =>
    live.data.decisions.items.reduce((sum, { voices }) => sum + voices.length, 0),
  );
  createEffect(on(said, () => void loaded.reload(), { defer: true }));
  const isDue = createMemo(() => {
    const shown = ladder();
    const at = shown === null ? null : changesAt(shown);
    return at !== null && now() > at;
  });
  createEffect(on(isDue, (due) => void (due && loaded.reload()), { defer: true }));
  return (
    <Panel title={text().ladder.title} class="mt-5">
      <QueryView
        state={loaded.state}
        isEmpty={false}
        empty={null}
        skeleton={<Skeleton rows={2} rowClass="h-12" />}
        onRetry={loaded.reload}
      >
        <Show when={ladder()}>
          {(shown) => (
            <>
              <ol>
                <For each={stepsOf(shown(), text())}>{(step) => <Rung step={step} />}</For>
              </ol>
              <div class="border-t border-line px-4 py-2.5 text-sm text-muted">
                <p class="font-medium">{text().ladder.without}</p>
                <ul class="mt-1 list-disc pl-4">
                  <For each={withoutPeople(shown(), text())}>{(line) => <li>{line}</li>}</For>
                </ul>
                <Show when={shown().judges.length > 0}>
                  <p class="mt-1.5 tabular-nums">
                    {text().ladder.budget(
                      formatCost(shown().budget.spentUsd),
                      formatCost(shown().budget.capUsd),
                    )}
                  </p>
                </Show>
              </div>
            </>
          )}
        </Show>
      </QueryView>
    </Panel>
  );
}

function Rung(props: { step: Step }) {
  return (
    <li
      class="border-line px-4 py-2 not-last:border-b"
      classList={{ "bg-hover": props.step.isNow }}
      aria-current={props.step.isNow ? "step" : undefined}
    >
      <p class="flex items-center gap-3">
        <span class="min-w-0 flex-1 truncate font-medium">{props.step.who}</span>
        {/* Who is asked is ready: one word is enough. */}
        <Status
          look={
            props.step.isNow
              ? { tone: "accent", icon: "check-circle", word: text().ladder.now }
              : props.step.look
          }
          class="text-sm"
        />
      </p>
      <p class="truncate text-sm text-muted">
        {[props.step.rung, props.step.about].filter((part) => part !== "").join(" · ")}
      </p>
      <Show when={props.step.why}>
        <p class="text-sm break-words text-muted">{props.step.why}</p>
      </Show>
    </li>
  );
}
