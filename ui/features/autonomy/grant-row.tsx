import { Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { Td, Tr } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { actorName } from "../../texts/actor-name.ts";
import { mayAct } from "../../data/app.ts";
import type { AutonomyGrant } from "../../data/types.ts";
import { atLeast, isLost, STATE_TONES } from "./autonomy.model.ts";
import { text } from "./texts.ts";

export type GrantAct = "demote" | "remove";

/** One repair in one place: what it may do, since when, and on which evidence. */
export function GrantRow(props: {
  grant: AutonomyGrant;
  place: string;
  isAdmin: boolean;
  onAct: (act: GrantAct) => void;
}) {
  const t = () => text().earned;
  const nodes = () => props.grant.nodes;
  return (
    <Tr>
      <Td class="max-w-0 w-full">
        <p class="flex items-center gap-2">
          <span class="truncate font-medium">{props.grant.repair}</span>
          <Badge tone={isLost(props.grant) ? "warn" : STATE_TONES[props.grant.state]}>
            {t().states[props.grant.state]}
          </Badge>
          <span class="truncate text-muted">{props.place}</span>
        </p>
        <p class="truncate text-sm text-muted" title={props.grant.reason}>
          {actorName(props.grant.by)} · <Time at={props.grant.at} />
          <Show when={props.grant.expiresAt}>
            {(at) => (
              <>
                {" · "}
                {t().until} <Time at={at()} show="point" />
              </>
            )}
          </Show>
          {props.grant.reason === "" ? "" : ` · ${props.grant.reason}`}
        </p>
      </Td>
      <Td class="whitespace-nowrap text-sm text-muted max-md:hidden">
        {t().evidence(
          props.grant.evidence.verified,
          props.grant.evidence.failed,
          atLeast(props.grant.evidence.bound),
        )}
      </Td>
      <Td class="whitespace-nowrap text-sm text-muted max-sm:hidden">
        {t().told(nodes().told, nodes().waiting, nodes().refused)}
      </Td>
      <Td class="whitespace-nowrap text-right">
        <Show when={props.grant.state === "act" && mayAct()}>
          <Button small onClick={() => props.onAct("demote")}>
            {t().acts.demote}
          </Button>
        </Show>
        <Show when={props.isAdmin && props.grant.state !== "act"}>
          <Button small kind="ghost" onClick={() => props.onAct("remove")}>
            {t().acts.remove}
          </Button>
        </Show>
      </Td>
    </Tr>
  );
}
