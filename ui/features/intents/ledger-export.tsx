import { For, Show } from "solid-js";
import { Dropdown } from "../../kit/dropdown.tsx";
import { Icon } from "../../kit/icon.tsx";
import { queryString } from "../../data/api.ts";
import { live, mayAct } from "../../data/app.ts";
import { text } from "./texts.ts";

const SHOWN = 50;

/** The chain of a node as JSON Lines: each node keeps its own, and must be there to be asked. */
export function LedgerExport() {
  const nodes = () => live.data.nodes.items.filter((node) => node.connected).slice(0, SHOWN);
  return (
    <Show when={mayAct() && nodes().length > 0}>
      <Dropdown label={text().intent.export} icon="download">
        <p class="border-b border-line px-4 py-3 text-sm text-muted">{text().intent.exportHint}</p>
        <ul class="p-2">
          <For each={nodes()}>
            {(node) => (
              <li>
                <a
                  href={`/api/v1/intents/export${queryString({ node: node.id })}`}
                  download={`${node.name}.ledger.jsonl`}
                  rel="external"
                  class="flex h-8 items-center gap-2 rounded-md px-2 hover:bg-hover"
                >
                  <Icon name="server" class="size-3.5 text-faint" />
                  <span class="truncate">{node.name}</span>
                </a>
              </li>
            )}
          </For>
        </ul>
      </Dropdown>
    </Show>
  );
}
