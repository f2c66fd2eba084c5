/** What runs inside Cortex, on which node, with which rights. */
import { useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { More } from "../../kit/more.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { ROW_LINK, Table, Td, Th, Tr } from "../../kit/table.tsx";
import { api } from "../../data/app.ts";
import { createPaged } from "../../data/paged.ts";
import type { Plugin } from "../../data/types.ts";
import { comparePlugins, hasWeakCage, pluginKey, pluginLook } from "./plugin.model.ts";
import { PluginPanel } from "./plugin-panel.tsx";
import { text } from "./texts.ts";

export default function PluginsPage() {
  const [search, setSearch] = useSearchParams<{ plugin?: string }>();
  const paged = createPaged("plugins");
  const opened = createOpened(() => search.plugin, paged.state);
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
      <PluginPanel
        plugin={opened()}
        onClose={() => setSearch({ plugin: undefined }, { replace: true, scroll: false })}
      />
    </Panel>
  );
}

/** The one in the address, also when it is on no page of the list that is here. */
function createOpened(key: () => string | undefined, list: { items: Plugin[]; ready: boolean }) {
  const [fetched, setFetched] = createSignal<Plugin | undefined>();
  const find = () => list.items.find((plugin) => pluginKey(plugin) === key());
  createEffect(
    on([() => list.ready, key], ([ready, wanted]) => {
      if (!ready || wanted === undefined || find() !== undefined) return;
      const [node = "", ...id] = wanted.split("/");
      api.list("plugins", { node, id: id.join("/") }).then(
        ({ items }) => setFetched(items[0]),
        () => setFetched(undefined),
      );
    }),
  );
  return () => {
    const asked = fetched();
    return find() ?? (asked !== undefined && pluginKey(asked) === key() ? asked : undefined);
  };
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
                <a
                  href={`/plugins?plugin=${encodeURIComponent(pluginKey(plugin))}`}
                  noScroll
                  class={`shrink-0 font-medium ${ROW_LINK}`}
                >
                  {plugin.id}
                </a>
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
