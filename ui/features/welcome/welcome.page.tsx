/** After the first admin: what Cortex may do by itself, and this host, already live. */
import { Navigate, useNavigate, useSearchParams } from "@solidjs/router";
import { createEffect, createSignal, on, onCleanup, onMount, Show, type JSX } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Status } from "../../kit/status.tsx";
import { Skeleton } from "../../kit/states.tsx";
import { Toasts } from "../../kit/toast.tsx";
import { live, loadSettings, session, settings } from "../../data/app.ts";
import type { NodeItem } from "../../data/types.ts";
import { ConnectionPill, StaleBanner } from "../../shell/connection-pill.tsx";
import { Gate } from "../../shell/gate.tsx";
import { marksOf, nodeLook } from "../fleet/fleet.model.ts";
import { NodeMeters } from "../fleet/node-parts.tsx";
import { ConfirmingLine } from "../problems/confirming.tsx";
import { AutonomyChoice, saveAutonomy } from "../settings/autonomy-choice.tsx";
import type { Autonomy } from "../settings/autonomy.model.ts";
import { text } from "./texts.ts";

const STEPS = 2;

export default function WelcomePage() {
  const [search, setSearch] = useSearchParams<{ step?: string }>();
  const atHost = () => search.step === "2";
  /** From the first step on: whether Cortex still answers is shown at each. */
  createEffect(() => session.user() !== null && live.start());
  onCleanup(live.stop);
  return (
    <Show when={session.state().kind !== "out"} fallback={<Navigate href="/login" />}>
      <Show when={session.user()}>
        <Show when={atHost()} fallback={<Choose onDone={() => setSearch({ step: "2" })} />}>
          <Host />
        </Show>
        <Toasts />
      </Show>
    </Show>
  );
}

/** The title has the focus at each step: the first thing to be read aloud. */
function Step(props: { at: number; title: string; intro: string; children: JSX.Element }) {
  return (
    <Gate
      wide
      title={props.title}
      intro={props.intro}
      above={text().welcome.step(props.at, STEPS)}
      beside={<ConnectionPill />}
    >
      <StaleBanner framed />
      {props.children}
    </Gate>
  );
}

function Choose(props: { onDone: () => void }) {
  const [chosen, setChosen] = createSignal<Autonomy | null>(null);
  const [busy, setBusy] = createSignal(false);
  const t = () => text().welcome;
  onMount(() => void loadSettings());
  const value = () => chosen() ?? settings()?.autonomy ?? "act";

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy()) return;
    if (value() === settings()?.autonomy) return props.onDone();
    setBusy(true);
    const saved = await saveAutonomy(value(), text().autonomyChoice.reasonFirst);
    setBusy(false);
    if (saved) props.onDone();
  };

  return (
    <Step at={1} title={t().autonomyTitle} intro={t().autonomyIntro}>
      <form class="mt-6 flex flex-col gap-5" onSubmit={submit}>
        <Show when={settings()} fallback={<Skeleton rows={3} rowClass="h-16" />}>
          {(known) => (
            <AutonomyChoice value={value()} configured={known().configuredAutonomy} onChoose={setChosen} />
          )}
        </Show>
        <div class="flex items-center gap-4">
          <Button type="submit" kind="primary" class="h-9!" busy={busy()}>
            {t().next}
          </Button>
          <button
            type="button"
            class="min-h-6 cursor-pointer text-sm text-muted hover:text-ink"
            onClick={() => props.onDone()}
          >
            {t().skip}
          </button>
        </div>
      </form>
    </Step>
  );
}

function Host() {
  const navigate = useNavigate();
  let open!: HTMLButtonElement;
  onMount(() => void (settings() ?? loadSettings()));
  const t = () => text().welcome;
  /** This host: the first one there is, once it has said something. */
  const node = () => live.data.nodes.items.find((one) => one.lastReportAt !== null);
  createEffect(on(node, (known, before) => known !== undefined && before === undefined && open.focus()));
  return (
    <Step
      at={2}
      title={node() === undefined ? t().waitingTitle : t().liveTitle(node()!.name)}
      intro={
        node() === undefined
          ? t().waitingIntro
          : t().liveIntro(countResults(node()!), settings()?.configFile === null)
      }
    >
      <div class="of-now mt-6 rounded-lg border border-line bg-surface px-4 py-3" aria-live="polite">
        <Show when={node()} fallback={<Waiting />}>
          {(known) => <Card node={known()} />}
        </Show>
      </div>
      <p class="mt-3 text-sm break-words text-muted">{t().name(settings()?.configFile)}</p>
      <Button ref={open} kind="primary" class="mt-5 h-9!" onClick={() => navigate("/")}>
        {t().open}
      </Button>
    </Step>
  );
}

const countResults = (node: NodeItem): number =>
  Object.values(node.results).reduce((sum, count) => sum + count, 0);

function Waiting() {
  return (
    <p class="flex min-h-16 items-center gap-2 text-muted">
      <Icon name="loader" class="spin size-4" />
      {text().welcome.waitingTitle}
    </p>
  );
}

function Card(props: { node: NodeItem }) {
  const look = () => nodeLook(props.node, marksOf(live.data.problems.items, live.data.intents.items), text());
  return (
    <>
      <p class="flex items-center gap-3">
        <span class="min-w-0 truncate text-md font-medium">{props.node.name}</span>
        <span class="min-w-0 truncate text-sm text-muted">{props.node.os}</span>
        <Status look={look()} class="ml-auto" />
      </p>
      <NodeMeters node={props.node} />
      <ConfirmingLine nodes={[props.node]} class="mt-3 text-sm" />
      <p class="mt-3 text-sm text-muted">
        {props.node.openProblems === 0
          ? text().welcome.noProblem
          : text().welcome.wrong(props.node.openProblems)}
      </p>
    </>
  );
}
