import { createMemo, Show } from "solid-js";
import { Pill } from "../kit/badge.tsx";
import { Banner } from "../kit/banner.tsx";
import { knowsNothing } from "../kit/states.tsx";
import { Status } from "../kit/status.tsx";
import type { Look, Tone } from "../kit/tone.tsx";
import { isStale, live } from "../data/app.ts";
import { now } from "../lib/clock.ts";
import { formatClock, formatPoint } from "../lib/format.model.ts";
import { locale, text, type Texts } from "../texts/i18n.ts";
import type { Connection } from "../data/live.model.ts";

function lookOf(connection: Connection, t: Texts): Look {
  switch (connection.kind) {
    case "connecting":
      return { tone: "idle", icon: "loader", busy: true, word: t.connection.connecting };
    case "live":
      return { tone: "ok", icon: "pulse", word: t.connection.live };
    case "reconnecting":
      return { tone: "warn", icon: "loader", busy: true, word: t.connection.reconnecting };
    case "stale":
      return { tone: "bad", icon: "clock", word: t.connection.stale(formatClock(connection.ageMs)) };
    case "offline":
      return { tone: "bad", icon: "offline", word: t.connection.offline };
  }
}

/** How fresh the screen is. Only the kind is a live region: a clock that counts must not talk every second. */
export function ConnectionPill() {
  const connection = createMemo(() => live.connection(now()));
  const kind = createMemo(() => connection().kind);
  const tone = (): Tone => (kind() === "live" ? "idle" : lookOf(connection(), text()).tone);
  return (
    <>
      <Pill tone={tone()} title={text().connection.hints[kind()]}>
        <Status look={lookOf(connection(), text())} quiet={kind() === "live"} />
      </Pill>
      <span role="status" class="sr-only">
        {text().connection.hints[kind()]}
      </span>
    </>
  );
}

/** Across the page when the Monitor is out of reach: since when what is shown has not changed. `framed`: in a column of its own. */
export function StaleBanner(props: { framed?: boolean }) {
  return (
    <Show when={isStale() && !knowsNothing() && live.lastDataAt()}>
      {(at) => (
        <Banner
          tone="idle"
          icon="offline"
          class={props.framed === true ? "mt-4 rounded-md border-x border-t" : ""}
        >
          <p class="min-w-0 flex-1">{text().stale.since(formatPoint(at(), now(), locale()))}</p>
        </Banner>
      )}
    </Show>
  );
}
