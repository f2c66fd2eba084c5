/** What runs inside Cortex, on which node, with which rights. */
import { createMemo, For, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { More } from "../../kit/more.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { Table, Td, Th, Tr } from "../../kit/table.tsx";
import { createPaged } from "../../data/paged.ts";
import type { Plugin } from "../../data/types.ts";
import { comparePlugins, hasWeakCage, pluginLook } from "./plugin.model.ts";
import { text } from "./texts.ts";

export default function PluginsPage() {
  const paged = createPaged("plugins");
  const shown = createMemo(() => paged.state.items.toSorted(comparePlugins));
  return (
    <Panel title={text().nav.plugins} count={paged.state.ready ? shown().length : undefined}>
      <QueryView
        state={paged.state}
        isEmpty={shown().length === 0}
        skeleton={<Skeleton rows={8} rowClass="h-9" />}
        onRetry={paged.reload}
        empty={<Empty icon="plug" title={text().plugins.empty} body={text().plugins.emptyBody} />}
      >
        <PluginTable plugins={shown()} />
        <Show when={paged.state.next}>
          <More label={text().common.moreRows} onMore={paged.more} />
        </Show>
      </QueryView>
    </Panel>
  );
}

function PluginTable(props: { plugins: Plugin[] }) {
  const c = () => text().plugins.columns;
  return (
    <Table
      label={text().nav.plugins}
      head={
        <>
          <Th class="w-32">{c().state}</Th>
          <Th>{c().plugin}</Th>
          <Th class="max-md:hidden">{c().node}</Th>
          <Th class="max-md:hidden">{c().gives}</Th>
          <Th class="max-lg:hidden">{c().may}</Th>
          <Th class="text-right max-md:hidden">{c().version}</Th>
        </>
      }
    >
      <For each={props.plugins}>
        {(plugin) => (
          <Tr>
            <Td>
              <Status look={pluginLook(plugin, text())} quiet={plugin.state === "running"} />
            </Td>
            <Td class="max-w-0 max-md:w-full max-md:py-1.5 md:max-w-96">
              <span class="flex items-baseline gap-x-2 max-md:flex-wrap">
                <span class="shrink-0 font-medium">{plugin.id}</span>
                <Show when={plugin.origin === "user"}>
                  <Badge tone="accent" title={plugin.cage ? text().plugins.cage(plugin.cage) : undefined}>
                    {text().plugins.userMade}
                  </Badge>
                  <Show when={hasWeakCage(plugin)}>
                    <Badge tone="warn" title={text().plugins.cage(plugin.cage ?? "")}>
                      {text().plugins.weakCage}
                    </Badge>
                  </Show>
                </Show>
                <span
                  class="text-sm text-muted max-md:basis-full"
                  classList={{ "break-words py-1": plugin.reason !== null, truncate: plugin.reason === null }}
                  title={plugin.reason ?? plugin.summary}
                >
                  <span class="md:hidden">{plugin.nodeName} · </span>
                  {plugin.reason ?? plugin.summary}
                </span>
              </span>
            </Td>
            <Td class="max-w-48 truncate text-muted max-md:hidden">{plugin.nodeName}</Td>
            <Td class="text-muted whitespace-nowrap max-md:hidden">
              {text().plugins.gives(plugin.checks.length, plugin.repairs.length)}
            </Td>
            <Td
              class="max-w-60 truncate text-sm text-muted max-lg:hidden"
              title={plugin.capabilities.join(", ")}
            >
              {plugin.capabilities.length === 0 ? text().plugins.nothing : plugin.capabilities.join(", ")}
            </Td>
            <Td class="text-right text-muted max-md:hidden">{plugin.version}</Td>
          </Tr>
        )}
      </For>
    </Table>
  );
}
