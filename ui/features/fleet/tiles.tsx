import { For } from "solid-js";
import { Icon, type IconName } from "../../kit/icon.tsx";
import { TONE_TEXT, type Tone } from "../../kit/tone.tsx";
import { formatCount } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import { BUCKETS, type Bucket } from "./fleet.model.ts";
import { text } from "./texts.ts";

export const BUCKET_LOOKS: Record<Bucket, { tone: Tone; icon: IconName }> = {
  healthy: { tone: "ok", icon: "check-circle" },
  degraded: { tone: "warn", icon: "problem" },
  silent: { tone: "warn", icon: "clock" },
  offline: { tone: "bad", icon: "offline" },
  repairing: { tone: "accent", icon: "wrench" },
};

/** How many nodes are in which state; each number is a filter of the table below. */
export function Tiles(props: {
  counts: Record<Bucket, number>;
  /** Among the degraded ones is one that waits for a person. */
  urgent: boolean;
  ready: boolean;
  chosen: Bucket | null;
  onChoose: (bucket: Bucket | null) => void;
}) {
  return (
    <div
      role="group"
      aria-label={text().fleet.summary}
      class="grid grid-cols-6 gap-px overflow-hidden rounded-lg border border-line bg-line bg-clip-padding md:grid-cols-5"
    >
      <For each={BUCKETS}>
        {(bucket, index) => {
          const chosen = () => props.chosen === bucket;
          const tone = () => (bucket === "degraded" && props.urgent ? "bad" : BUCKET_LOOKS[bucket].tone);
          const calm = () => props.counts[bucket] === 0;
          return (
            <button
              type="button"
              aria-pressed={chosen()}
              title={text().fleet.filterBy(text().fleet.buckets[bucket])}
              onClick={() => props.onChoose(chosen() ? null : bucket)}
              class="relative flex cursor-pointer flex-col gap-1 bg-surface px-4 py-3 text-left md:col-span-1 hover:bg-raised focus-visible:(z-1 -outline-offset-2)"
              classList={{ "col-span-3": index() < 2, "col-span-2": index() >= 2 }}
            >
              <span
                class="flex items-center gap-1.5 text-sm"
                classList={{ "text-muted": !chosen(), "text-ink": chosen() }}
              >
                <Icon
                  name={BUCKET_LOOKS[bucket].icon}
                  class={`size-3.5 ${calm() ? "text-faint" : TONE_TEXT[tone()]}`}
                />
                <span class="truncate">{text().fleet.buckets[bucket]}</span>
              </span>
              <span class="text-2xl font-medium tracking-tight" classList={{ "text-faint": calm() }}>
                {props.ready ? formatCount(props.counts[bucket], locale()) : "–"}
              </span>
              <span class="absolute inset-x-0 bottom-0 h-0.5" classList={{ "bg-accent": chosen() }} />
            </button>
          );
        }}
      </For>
    </div>
  );
}
