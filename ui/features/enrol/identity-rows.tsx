import { For, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { Td, Tr } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import type { Tone } from "../../kit/tone.tsx";
import { isPhone } from "../../lib/media.ts";
import type { IdentityItem } from "../../data/types.ts";
import { type Act, actsOn } from "./enrol.model.ts";
import { text } from "./texts.ts";

const TONES: Record<IdentityItem["state"], Tone> = {
  active: "ok",
  pending: "warn",
  quarantined: "bad",
  revoked: "idle",
};

/** A node that asks to be let in: the words are what a person compares. */
export function Waiting(props: { node: IdentityItem; onApprove: () => void; onReject: () => void }) {
  const t = () => text().enrol;
  return (
    <div class="flex flex-col gap-3 border-line px-4 py-3 not-last:border-b sm:(flex-row items-center)">
      <div class="min-w-0 flex-1">
        <p class="truncate font-medium">{props.node.name}</p>
        <p class="truncate text-sm text-muted">
          {props.node.os} · {props.node.ip} · <Time at={props.node.requestedAt} />
          <Show when={props.node.recoveries > 0}>
            <span class="text-warn"> · {t().recovered}</span>
          </Show>
        </p>
        <p class="mt-1 text-pretty">
          <span class="sr-only">{t().words}: </span>
          {props.node.words}
        </p>
      </div>
      <div class="flex gap-2 max-sm:[&>*]:flex-1">
        <Button onClick={() => props.onReject()}>{t().acts.reject}</Button>
        <Button kind="primary" onClick={() => props.onApprove()}>
          {t().acts.approve}
        </Button>
      </div>
    </div>
  );
}

export function NodeRow(props: { node: IdentityItem; onAct: (act: Act) => void }) {
  const t = () => text().enrol;
  /** Why it is out needs the room of the buttons that it no longer has. */
  const isWhole = () => isPhone() && actsOn(props.node).length === 0;
  return (
    <Tr>
      <Td class="w-full max-w-0" colSpan={isWhole() ? 2 : 1}>
        <p class="flex flex-wrap items-center gap-x-2">
          <a href={`/nodes/${props.node.id}`} class="min-w-0 break-words font-medium hover:underline">
            {props.node.name}
          </a>
          <Show when={props.node.state !== "active"}>
            <Badge tone={TONES[props.node.state]}>{t().states[props.node.state]}</Badge>
          </Show>
        </p>
        <p class="text-sm text-muted break-words">{props.node.reason ?? t().joinedFrom(props.node.ip)}</p>
      </Td>
      <Td class="min-w-60 text-sm text-muted max-md:hidden min-[1280px]:whitespace-nowrap">
        {props.node.words}
      </Td>
      <Td class="whitespace-nowrap text-sm text-muted max-sm:hidden">
        <Show when={props.node.keySince} fallback="–">
          {(at) => <Time at={at()} />}
        </Show>
      </Td>
      <Td class={isWhole() ? "hidden" : "whitespace-nowrap text-right"}>
        <For each={actsOn(props.node)}>
          {(act) => (
            <Button
              small
              kind={act === "release" ? "quiet" : "ghost"}
              aria-label={t().title[act](props.node.name)}
              onClick={() => props.onAct(act)}
            >
              {t().acts[act]}
            </Button>
          )}
        </For>
      </Td>
    </Tr>
  );
}
