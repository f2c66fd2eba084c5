/** Every version that was ever in force: who, when, why, what it changed; each can be taken up again. */
import { createSignal, For, Show } from "solid-js";
import { Badge } from "../../../kit/badge.tsx";
import { Button } from "../../../kit/button.tsx";
import { Confirm } from "../../../kit/confirm.tsx";
import { Icon } from "../../../kit/icon.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { Time } from "../../../kit/time.tsx";
import { toast } from "../../../kit/toast.tsx";
import { actorName } from "../../../texts/actor-name.ts";
import { createLoaded } from "../../../data/loaded.ts";
import { draft, setDraft } from "./draft.ts";
import { PolicyDiff } from "./policy-diff.tsx";
import { policyApi, type PolicyVersion } from "./policy.api.ts";
import { text } from "./texts.ts";

const NOTHING = "version: 1\nrules: []\n";

export function PolicyHistory(props: { current: PolicyVersion; mayEdit: boolean; onRestored: () => void }) {
  const t = () => text().policy;
  const versions = createLoaded(policyApi.versions);
  const [open, setOpen] = createSignal<number | null>(null);
  const [asked, setAsked] = createSignal<PolicyVersion | null>(null);
  /** What stood before; the list ends with the oldest that is kept here. */
  const before = (at: number) => versions.value()?.[at + 1]?.text ?? NOTHING;

  const restore = (version: PolicyVersion) => {
    setDraft({ basedOn: props.current.version, text: version.text });
    toast(t().restored(version.version));
    props.onRestored();
  };

  return (
    <div class="overflow-hidden rounded-lg border border-line bg-surface">
      <QueryView
        state={versions.state}
        isEmpty={versions.value()?.length === 0}
        skeleton={<Skeleton rows={5} rowClass="h-14" />}
        onRetry={() => void versions.reload()}
        empty={<Empty icon="history" title={t().historyEmpty} />}
      >
        <ul>
          <For each={versions.value()}>
            {(version, at) => (
              <li class="border-line not-last:border-b">
                <div class="flex items-center gap-2 pr-4 hover:bg-hover focus-within:bg-hover">
                  <button
                    type="button"
                    aria-expanded={open() === version.version}
                    onClick={() => setOpen(open() === version.version ? null : version.version)}
                    class="flex min-w-0 flex-1 cursor-pointer items-start gap-2.5 px-4 py-2.5 text-left"
                  >
                    <Icon
                      name={open() === version.version ? "chevron-down" : "chevron-right"}
                      class="mt-0.75 size-3.5 shrink-0 text-faint"
                    />
                    <span class="min-w-0 flex-1">
                      <span class="flex flex-wrap items-center gap-x-2">
                        <span class="font-medium tabular-nums">{version.version}</span>
                        <span class="min-w-0 break-words">{version.note}</span>
                        <Show when={version.version === props.current.version}>
                          <Badge tone="accent">{t().current}</Badge>
                        </Show>
                      </span>
                      <span class="flex flex-wrap gap-x-2 text-sm text-muted">
                        <span class="break-all">{actorName(version.author)}</span>
                        <Show when={version.at}>{(when) => <Time at={when()} />}</Show>
                        <span>{t().rules(version.document.rules.length)}</span>
                      </span>
                    </span>
                  </button>
                  <Show when={props.mayEdit && version.version !== props.current.version}>
                    <Button
                      small
                      icon="undo"
                      onClick={() => (draft() === null ? restore(version) : setAsked(version))}
                    >
                      {t().restore}
                    </Button>
                  </Show>
                </div>
                <Show when={open() === version.version}>
                  <div class="border-t border-line">
                    <PolicyDiff
                      label={t().show(version.version)}
                      before={before(at())}
                      after={version.text}
                    />
                  </div>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </QueryView>
      <Confirm
        open={asked() !== null}
        title={t().restoreTitle(asked()?.version ?? 0)}
        action={t().restore}
        onClose={() => setAsked(null)}
        kind="primary"
        onConfirm={() => Promise.resolve(restore(asked()!))}
      >
        {t().restoreBody}
      </Confirm>
    </div>
  );
}
