/** The three parts of the wall: nodes as tiles, what waits for a person, what was repaired. Each shows what it has room for. */
import { Key } from "@solid-primitives/keyed";
import { createMemo, Show, type Accessor, type JSX } from "solid-js";
import { HeatStrip } from "../../kit/heat-strip.tsx";
import { Icon, type IconName } from "../../kit/icon.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import { TONE_TEXT, type Tone } from "../../kit/tone.tsx";
import { fleetSize, live } from "../../data/app.ts";
import { formatCount } from "../../lib/format.model.ts";
import { isWide } from "../../lib/media.ts";
import type { NodeItem } from "../../data/types.ts";
import { locale } from "../../texts/i18n.ts";
import { stateMarks } from "../fleet/fleet-counts.ts";
import { bucketOf, listNodes, nodeLook } from "../fleet/fleet.model.ts";
import { heatStateOf } from "../fleet/node-heat.ts";
import { NodeMeters } from "../fleet/node-parts.tsx";
import { needCount, needs } from "../fleet/needs.ts";
import { compareIntents, intentLook } from "../intents/intent.model.ts";
import { createRoom } from "./room.ts";
import { commonDomain, layoutOf, rowsOf, type Layout } from "./wall.model.ts";
import { text } from "./texts.ts";

/** On a narrow screen, which is no wall, the page scrolls: rem and rows that its parts then take. */
const NARROW_HEIGHT = 40;
const NARROW_ROWS = 5;

const HEIGHTS: Record<Layout["form"], string> = { roomy: "8.75rem", plain: "3.75rem", tight: "2.25rem" };

/** Worst first; the healthy ones are the first to do without a tile. */
export function Nodes() {
  const [room, measure] = createRoom();
  const listed = createMemo(() => listNodes(live.data.nodes.items).map(({ node }) => node));
  const layout = createMemo(
    () => layoutOf(fleetSize(), isWide() ? room() : { ...room(), height: NARROW_HEIGHT }),
    undefined,
    { equals: (a, b) => a.form === b.form && a.columns === b.columns && a.shown === b.shown },
  );
  const shown = createMemo(() => listed().slice(0, layout().shown));
  const left = () => fleetSize() - shown().length;
  const domain = createMemo(() =>
    layout().form === "roomy" ? "" : commonDomain(listed().map(({ name }) => name)),
  );
  const calm = () => listed().every((node, at) => at < shown().length || bucketOf(node) === "healthy");
  return (
    <section aria-label={text().fleet.nodes} ref={measure} class="min-h-0 overflow-hidden">
      <ul
        class="grid gap-2"
        style={{
          "grid-template-columns": `repeat(${layout().columns}, minmax(0, 1fr))`,
          "grid-auto-rows": HEIGHTS[layout().form],
        }}
      >
        <Key each={shown()} by="id">
          {(node) => <Tile node={node()} form={layout().form} domain={domain()} />}
        </Key>
        <Show when={left() > 0}>
          <li class="flex items-center px-3 text-muted">
            {text().wall.moreNodes(left(), formatCount(left(), locale()), calm())}
          </li>
        </Show>
      </ul>
    </section>
  );
}

function Tile(props: { node: NodeItem; form: Layout["form"]; domain: string }) {
  const look = () => nodeLook(props.node, stateMarks(), text());
  const isCalm = () => bucketOf(props.node) === "healthy" && look().busy !== true;
  return (
    <li
      class="flex min-w-0 flex-col justify-center overflow-hidden rounded-md border bg-surface px-3"
      classList={{
        "border-line": look().tone !== "bad",
        "border-bad": look().tone === "bad",
      }}
    >
      <p class="flex min-w-0 items-center gap-2">
        <span
          class="min-w-0 truncate text-md"
          classList={{ "text-muted": isCalm() && props.form === "tight", "font-medium": !isCalm() }}
        >
          {props.domain === "" ? props.node.name : props.node.name.slice(0, -props.domain.length)}
        </span>
        <Status class="ml-auto" look={look()} quiet={isCalm()} iconOnly={props.form !== "roomy"} />
      </p>
      <Show when={props.form !== "tight"}>
        <p class="mt-0.5 flex min-w-0 gap-1.5 text-sm text-muted">
          <span class="min-w-0 truncate">
            {props.form === "roomy"
              ? [props.node.group, props.node.os].filter(Boolean).join(" · ")
              : isCalm()
                ? props.node.group
                : look().word}
          </span>
          <Time at={props.node.lastSeenAt} class="ml-auto" />
        </p>
      </Show>
      <Show when={props.form === "roomy"}>
        <HeatStrip
          heat={props.node.history}
          current={heatStateOf(props.node)}
          class="mt-2 block h-4 w-full shrink-0"
        />
        <NodeMeters node={props.node} />
      </Show>
    </li>
  );
}

export function Needs() {
  return (
    <List title={text().needs.title} count={needCount()} empty={text().needs.calm} items={needs()}>
      {(need) => (
        <Row
          icon={need().icon}
          tone={need().tone}
          title={need().title}
          under={[need().word, ...need().where].join(" · ")}
          at={need().since}
        />
      )}
    </List>
  );
}

export function Repairs() {
  const repairs = createMemo(() =>
    live.data.intents.items.filter(({ kind, shadow }) => kind === "repair" && !shadow).sort(compareIntents),
  );
  return (
    <List title={text().wall.repairs} empty={text().needs.noRepair} items={repairs()}>
      {(intent) => (
        <Row
          icon={intentLook(intent(), text()).icon}
          tone={intentLook(intent(), text()).tone}
          title={intent().summary}
          under={[intentLook(intent(), text()).word, intent().nodeName].join(" · ")}
          at={intent().createdAt}
        />
      )}
    </List>
  );
}

/** As the class h-13 says. */
const ROW_REM = 3.25;

/** `count`: how many there are, where that is said; only what fits is listed. */
function List<T extends { id: string } | { key: string }>(props: {
  title: string;
  count?: number;
  empty: string;
  items: readonly T[];
  children: (item: Accessor<T>) => JSX.Element;
}) {
  const [room, measure] = createRoom();
  const most = () => (isWide() ? room().height : NARROW_ROWS * ROW_REM);
  const all = () => Math.max(props.count ?? 0, props.items.length);
  /** Of what is over nobody asks how much more there was. */
  const rows = () =>
    props.count === undefined ? Math.max(1, Math.floor(most() / ROW_REM)) : rowsOf(all(), most(), ROW_REM);
  const shown = createMemo(() => props.items.slice(0, rows()));
  const left = () => (props.count === undefined ? 0 : all() - shown().length);
  return (
    <section
      aria-label={props.title}
      class="flex min-h-0 flex-1 flex-col overflow-hidden rounded-lg border border-line bg-surface"
    >
      <h2 class="flex h-10 shrink-0 items-center gap-2 border-b border-line px-4 text-md font-semibold">
        {props.title}
        <Show when={all() > 0 && props.count}>
          {(count) => <span class="font-normal text-faint">{formatCount(count(), locale())}</span>}
        </Show>
      </h2>
      <div ref={measure} class="min-h-0 flex-1 overflow-hidden">
        <Show when={all() > 0} fallback={<p class="px-4 py-3 text-muted">{props.empty}</p>}>
          <ul>
            <Key each={shown()} by={(item) => ("id" in item ? item.id : item.key)}>
              {props.children}
            </Key>
            <Show when={left() > 0}>
              <li class="flex h-13 items-center px-4 text-muted">
                {text().wall.more(formatCount(left(), locale()))}
              </li>
            </Show>
          </ul>
        </Show>
      </div>
    </section>
  );
}

function Row(props: { icon: IconName; tone: Tone; title: string; under: string; at: string | null }) {
  return (
    <li class="flex h-13 items-center gap-3 border-line px-4 not-last:border-b">
      <Icon name={props.icon} class={`size-4.5 shrink-0 ${TONE_TEXT[props.tone]}`} />
      <span class="min-w-0 flex-1">
        <span class="block truncate text-md font-medium">{props.title}</span>
        <span class="flex min-w-0 gap-2 text-sm text-muted">
          <span class="min-w-0 truncate">{props.under}</span>
          <Show when={props.at}>{(at) => <Time at={at()} class="ml-auto" />}</Show>
        </span>
      </span>
    </li>
  );
}
