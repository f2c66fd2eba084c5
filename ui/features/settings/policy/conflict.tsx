import { createResource, Show } from "solid-js";
import { Button } from "../../../kit/button.tsx";
import { Icon } from "../../../kit/icon.tsx";
import { Skeleton } from "../../../kit/states.tsx";
import { meanwhile, setDraft } from "./draft.ts";
import { PolicyDiff } from "./policy-diff.tsx";
import { actorName } from "../../../texts/actor-name.ts";
import { text } from "./texts.ts";

/** Somebody saved since the text was begun: what they changed, and the two ways on. Neither loses a word unasked. */
export function Conflict(props: {
  basedOn: number;
  /** In force by now. */
  version: number;
  text: string;
  onTheirs: () => void;
}) {
  const t = () => text().policy;
  const [both] = createResource(
    () => [props.basedOn, props.version] as const,
    ([basedOn]) => meanwhile(basedOn).catch(() => null),
  );
  return (
    <section role="alert" class="overflow-hidden rounded-lg border border-line-strong bg-surface">
      <div class="flex flex-wrap items-start gap-x-3 gap-y-2 bg-warn-soft px-4 py-3">
        <Icon name="problem" class="mt-0.75 size-3.5 shrink-0 text-warn" />
        <div class="min-w-60 flex-1">
          <p class="font-medium">
            {t().conflict(actorName(both()?.theirs.author ?? "…"), both()?.theirs.version ?? props.version)}
          </p>
          <p class="text-muted text-pretty">{t().conflictBody}</p>
        </div>
        <div class="flex flex-wrap gap-2">
          <Button small onClick={() => props.onTheirs()}>
            {t().takeTheirs}
          </Button>
          <Button
            small
            kind="primary"
            disabled={both() == null}
            onClick={() => setDraft({ basedOn: both()!.theirs.version, text: props.text })}
          >
            {t().goOn(both()?.theirs.version ?? props.version)}
          </Button>
        </div>
      </div>
      <Show when={both()} fallback={<Skeleton rows={2} />}>
        {(known) => (
          <>
            <p class="border-b border-line px-4 py-2 text-sm text-muted">{t().theirs}</p>
            <PolicyDiff label={t().theirs} before={known().base.text} after={known().theirs.text} />
          </>
        )}
      </Show>
    </section>
  );
}
