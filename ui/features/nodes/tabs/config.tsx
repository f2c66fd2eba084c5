/** The configuration that is in force on a node, to read: a part at a time, plugins one by one. */
import { createSignal, For, onMount, Show } from "solid-js";
import { Icon } from "../../../kit/icon.tsx";
import { Panel } from "../../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { ApiError } from "../../../data/api.ts";
import { api, session } from "../../../data/app.ts";
import { toYaml } from "../../../lib/yaml.model.ts";
import { text } from "../texts.ts";

export function NodeConfig(props: { node: string }) {
  return (
    <Panel title={text().nodeTab.config}>
      <Show
        when={session.user()?.role === "admin"}
        fallback={<Empty icon="ban" title={text().nodeTab.configRole} />}
      >
        <Shown node={props.node} />
      </Show>
    </Panel>
  );
}

interface Part {
  name: string;
  yaml: string;
  open: boolean;
}

/** What people look for first stands open. */
const OPEN = ["node", "server", "policy"];

function partsOf(config: Record<string, unknown>): Part[] {
  const { plugins, ...core } = config;
  const part = (name: string, value: unknown): Part => ({
    name,
    yaml: toYaml(value).trim(),
    open: OPEN.includes(name),
  });
  return [
    ...Object.entries(core).map(([name, value]) => part(name, value)),
    ...Object.entries(plugins ?? {}).map(([name, value]) => part(`plugins.${name}`, value)),
  ];
}

function Shown(props: { node: string }) {
  const [parts, setParts] = createSignal<Part[] | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);
  const load = async () => {
    try {
      setParts(partsOf(await api.config(props.node)));
      setError(null);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(cause);
    }
  };
  onMount(load);
  return (
    <QueryView
      state={{ ready: parts() !== null, error: error() }}
      isEmpty={false}
      empty={null}
      skeleton={<Skeleton rows={12} rowClass="h-9" />}
      onRetry={() => void load()}
    >
      <p class="border-b border-line px-4 py-2 text-muted">{text().nodeTab.configBody}</p>
      <For each={parts()}>{(part) => <Row part={part} />}</For>
    </QueryView>
  );
}

/** One line where the value fits into it, else the name to unfold. */
function Row(props: { part: Part }) {
  return (
    <div class="border-line not-last:border-b">
      <Show
        when={props.part.yaml.includes("\n")}
        fallback={
          <p class="flex min-h-9 items-center gap-3 px-4 py-1.5 pl-10">
            <code>{props.part.name}</code>
            <code class="min-w-0 break-all text-muted">{props.part.yaml}</code>
          </p>
        }
      >
        <details open={props.part.open} class="group">
          <summary class="flex h-9 cursor-pointer list-none items-center gap-2 px-4 hover:bg-hover focus-visible:-outline-offset-2">
            <Icon name="chevron-right" class="size-4 text-faint group-open:rotate-90" />
            <code>{props.part.name}</code>
          </summary>
          <pre
            tabIndex={0}
            aria-label={props.part.name}
            class="overflow-x-auto pr-4 pb-3 pl-10 text-sm leading-5 text-muted focus-visible:-outline-offset-2"
          >
            {props.part.yaml}
          </pre>
        </details>
      </Show>
    </div>
  );
}
