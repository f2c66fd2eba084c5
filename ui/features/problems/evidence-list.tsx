/** Evidence bundles of a problem or intent; their text is fetched from the node when somebody wants to read it. */
import { createSignal, createUniqueId, For, Match, Show, Switch } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { IdText } from "../../kit/id-text.tsx";
import { errorText } from "../../kit/states.tsx";
import { ApiError } from "../../data/api.ts";
import { api } from "../../data/app.ts";
import type { EvidenceBundle } from "../../data/types.ts";
import { text } from "./texts.ts";

export function EvidenceList(props: { ids: readonly string[]; node: string }) {
  return (
    <ul class="overflow-hidden rounded-md border border-line">
      <For each={props.ids}>{(id) => <Bundle id={id} node={props.node} />}</For>
    </ul>
  );
}

function Bundle(props: { id: string; node: string }) {
  const panel = createUniqueId();
  const [open, setOpen] = createSignal(false);
  const [bundle, setBundle] = createSignal<EvidenceBundle | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);

  const toggle = async () => {
    setOpen(!open());
    if (!open() || bundle() !== null) return;
    setError(null);
    try {
      setBundle(await api.evidence(props.id, props.node));
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(cause);
    }
  };

  return (
    <li class="border-line px-3 py-1.5 not-last:border-b">
      <div class="flex items-center gap-2">
        <IdText id={props.id} />
        <Button
          small
          kind="ghost"
          class="ml-auto"
          aria-expanded={open()}
          aria-controls={panel}
          onClick={() => void toggle()}
        >
          {open() ? text().problem.evidenceClose : text().problem.evidenceOpen}
        </Button>
      </div>
      <div id={panel} hidden={!open()}>
        <Switch fallback={<p class="py-2 text-muted">{text().common.loading}</p>}>
          <Match when={error()}>{(cause) => <p class="py-2 text-bad">{errorText(cause())}</p>}</Match>
          <Match when={bundle()}>{(known) => <Parts parts={known().parts} />}</Match>
        </Switch>
      </div>
    </li>
  );
}

function Parts(props: { parts: Record<string, string> }) {
  return (
    <For each={Object.entries(props.parts)}>
      {([name, part]) => (
        <Show when={part !== ""}>
          <h5 class="mt-2 text-sm text-muted">{name}</h5>
          <pre
            tabIndex={0}
            class="mt-1 max-h-64 overflow-auto rounded-sm bg-page p-2 text-sm leading-4"
            aria-label={name}
          >
            {part}
          </pre>
        </Show>
      )}
    </For>
  );
}
