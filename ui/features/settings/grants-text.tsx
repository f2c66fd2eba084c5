import { For, Show } from "solid-js";
import { live } from "../../data/app.ts";
import type { Grant } from "../../data/types.ts";
import { rowOf } from "./grants.model.ts";
import { text } from "./texts.ts";

/** "Operator · group web": a line per grant, with a word where no node is in its place. */
export function GrantsText(props: { grants: readonly Grant[]; empty: readonly string[] }) {
  const where = (grant: Grant) => {
    const { place, value } = rowOf(grant);
    if (place === "tree") return text().grants.places.tree;
    const name = live.data.nodes.items.find((node) => node.id === value)?.name;
    return `${text().grants.places[place]} ${name ?? value}`;
  };
  return (
    <ul class="min-w-30">
      <For
        each={props.grants}
        fallback={<li class="sm:whitespace-nowrap text-warn">{text().grants.none}</li>}
      >
        {(grant) => (
          <li class="sm:whitespace-nowrap">
            {text().account.roles[grant.role]} <span class="text-sm text-faint">{where(grant)}</span>
            <Show when={props.empty.includes(grant.scope)}>
              <span class="text-sm text-warn"> {text().grants.noNode}</span>
            </Show>
          </li>
        )}
      </For>
    </ul>
  );
}
