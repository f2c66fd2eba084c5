/** The sheet with one problem or one intent, over whatever screen is open; Escape goes back to it. */
import { useLocation, useNavigate } from "@solidjs/router";
import { createEffect, createMemo, createSignal, Match, on, Show, Switch } from "solid-js";
import { IntentDetail } from "../features/intents/intent-detail.tsx";
import { compareIntents } from "../features/intents/intent.model.ts";
import { ProblemDetail } from "../features/problems/problem-detail.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Empty, ErrorState, Skeleton } from "../kit/states.tsx";
import { ApiError } from "../data/api.ts";
import { api, live } from "../data/app.ts";
import { enIntent } from "../texts/en/intent.ts";
import { enProblem } from "../texts/en/problem.ts";
import { textsWith } from "../texts/i18n.ts";
import type { Intent, Problem } from "../data/types.ts";
import { detailHref, detailOf, type DetailKind } from "./detail.model.ts";

const text = textsWith(enIntent, enProblem);

export default function DetailPanel() {
  const location = useLocation();
  const navigate = useNavigate();
  const detail = createMemo(() => detailOf(location.query), null, {
    equals: (a, b) => a?.kind === b?.kind && a?.id === b?.id,
  });
  const close = () =>
    navigate(location.pathname + detailHref(location.search, null), { replace: true, scroll: false });

  return (
    <Dialog
      form="sheet"
      open={detail() !== null}
      onClose={close}
      title={detail()?.kind === "intent" ? text().intent.title : text().problem.title}
    >
      <Show when={detail()} keyed>
        {(current) =>
          current.kind === "intent" ? <IntentBody id={current.id} /> : <ProblemBody id={current.id} />
        }
      </Show>
    </Dialog>
  );
}

/** From the live data, which keeps it young; else asked for once, because it is older than what is kept here. */
function createItem<T extends { id: string }>(
  find: () => T | undefined,
  ready: () => boolean,
  fetch: () => Promise<T>,
) {
  const [fetched, setFetched] = createSignal<T | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);
  const load = async () => {
    setError(null);
    try {
      const item = await fetch();
      setFetched(() => item);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(cause);
    }
  };
  createEffect(on(ready, (is) => is && find() === undefined && load()));
  // A snapshot may drop it (a problem that was resolved long ago); what was seen stays on the screen.
  const item = createMemo<T | null>((before) => find() ?? fetched() ?? before, null);
  return { item, error, load };
}

function ProblemBody(props: { id: string }) {
  const problem = createItem<Problem>(
    () => live.data.problems.items.find((one) => one.id === props.id),
    () => live.data.problems.ready,
    () => api.one("problems", props.id),
  );
  const intents = createMemo(() =>
    live.data.intents.items.filter((intent) => intent.problemId === props.id).sort(compareIntents),
  );
  return (
    <Switch fallback={<Skeleton rows={5} rowClass="h-12" />}>
      <Match when={problem.item()}>{(item) => <ProblemDetail problem={item()} intents={intents()} />}</Match>
      <Match when={problem.error()}>
        {(error) => <Failed kind="problem" error={error()} onRetry={problem.load} />}
      </Match>
    </Switch>
  );
}

function IntentBody(props: { id: string }) {
  const intent = createItem<Intent>(
    () => live.data.intents.items.find((one) => one.id === props.id),
    () => live.data.intents.ready,
    () => api.one("intents", props.id),
  );
  return (
    <Switch fallback={<Skeleton rows={5} rowClass="h-12" />}>
      <Match when={intent.item()}>{(item) => <IntentDetail intent={item()} />}</Match>
      <Match when={intent.error()}>
        {(error) => <Failed kind="intent" error={error()} onRetry={intent.load} />}
      </Match>
    </Switch>
  );
}

function Failed(props: { kind: DetailKind; error: ApiError; onRetry: () => void }) {
  return (
    <Show
      when={props.error.status === 404}
      fallback={<ErrorState error={props.error} onRetry={props.onRetry} />}
    >
      <Empty icon="question" title={text()[props.kind].missing} body={text()[props.kind].missingBody} />
    </Show>
  );
}
