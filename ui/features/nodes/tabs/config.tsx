/** The configuration that is in force on a node, to read. */
import { createSignal, onMount, Show } from "solid-js";
import { Panel } from "../../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { ApiError } from "../../../lib/api.ts";
import { api, session } from "../../../lib/app.ts";
import { text } from "../../../lib/i18n.ts";
import { toYaml } from "../../../lib/yaml.model.ts";

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

function Shown(props: { node: string }) {
  const [config, setConfig] = createSignal<string | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);
  const load = async () => {
    try {
      setConfig(toYaml(await api.config(props.node)).trimStart());
      setError(null);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(cause);
    }
  };
  onMount(load);
  return (
    <QueryView
      state={{ ready: config() !== null, error: error() }}
      isEmpty={false}
      empty={null}
      skeleton={<Skeleton rows={12} rowClass="h-8" />}
      onRetry={() => void load()}
    >
      <p class="border-b border-line px-4 py-2 text-sm text-muted">{text().nodeTab.configBody}</p>
      <pre
        tabIndex={0}
        aria-label={text().nodeTab.config}
        class="overflow-x-auto px-4 py-3 text-sm leading-5 focus-visible:-outline-offset-2"
      >
        {config()}
      </pre>
    </QueryView>
  );
}
