import { useLocation, useNavigate } from "@solidjs/router";
import { createSignal, For, onCleanup, onMount, type JSX } from "solid-js";
import { Dialog } from "../kit/dialog.tsx";
import { listNodes } from "../features/fleet/fleet.model.ts";
import { live } from "../data/app.ts";
import { text } from "../texts/i18n.ts";
import { setShortcuts, shortcuts } from "../lib/preferences.ts";
import { actionOf, GO_KEYS, nodeBeside, screenBehind, SEQUENCE_MS, type Action } from "./shortcuts.model.ts";

const [helpOpen, setHelpOpen] = createSignal(false);
export const openShortcuts = () => setHelpOpen(true);

const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta"]);

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;

/** Listens for single keys, and shows what they are. They can be switched off (WCAG 2.1.4). */
export function Shortcuts() {
  const navigate = useNavigate();
  const location = useLocation();
  let gAt = Number.NEGATIVE_INFINITY;

  const goToNode = (by: 1 | -1) => {
    const ids = listNodes(live.data.nodes.items).map(({ node }) => node.id);
    const id = nodeBeside(location.pathname, ids, by);
    if (id !== undefined) navigate(`/nodes/${id}${location.search}`);
  };

  const act = (action: Action) => {
    if (action.kind === "go") navigate(action.path);
    else if (action.kind === "help") setHelpOpen(true);
    else if (action.kind === "node") goToNode(action.by);
    else if (action.kind === "filter") document.querySelector<HTMLInputElement>("[data-filter]")?.focus();
    else moveFocus(action.by);
  };

  const onKey = (event: KeyboardEvent) => {
    // A modifier on its way down says nothing yet.
    if (MODIFIERS.has(event.key)) return;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const modal = document.querySelector("dialog[open]") !== null;
    const action = actionOf({
      key: event.key,
      taken: !shortcuts() || modified || modal || event.defaultPrevented || isTyping(event.target),
      afterG: event.timeStamp - gAt < SEQUENCE_MS,
    });
    gAt = action === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
    if (action === null || action === "g") return;
    event.preventDefault();
    act(action);
  };

  onMount(() => addEventListener("keydown", onKey));
  onCleanup(() => removeEventListener("keydown", onKey));
  return <Help />;
}

/** To the next or previous row of the screen. */
function moveFocus(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("main li a, main tbody a")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at === -1 ? (by === 1 ? 0 : rows.length - 1) : at + by;
  rows[next]?.focus();
}

function Help() {
  const t = () => text().shortcuts;
  return (
    <Dialog open={helpOpen()} onClose={() => setHelpOpen(false)} title={t().title}>
      <dl class="grid grid-cols-[1fr_auto] gap-x-4 gap-y-2" classList={{ "text-muted": !shortcuts() }}>
        <For each={GO_KEYS}>
          {(go) => (
            <Line what={t().goTo(text().nav[screenBehind(go.path)])}>
              <Key name="g" /> <Key name={go.key} />
            </Line>
          )}
        </For>
        <Line what={t().move}>
          <Key name="j" /> <Key name="k" />
        </Line>
        <Line what={t().nodes}>
          <Key name="[" /> <Key name="]" />
        </Line>
        <Line what={t().palette}>
          <Key name="Ctrl" /> <Key name="K" />
        </Line>
        <Line what={t().filter}>
          <Key name="/" />
        </Line>
        <Line what={t().close}>
          <Key name="Esc" />
        </Line>
        <Line what={t().help}>
          <Key name="?" />
        </Line>
      </dl>
      <label class="mt-4 flex min-h-6 cursor-pointer items-center gap-2 border-t border-line pt-4">
        <input
          type="checkbox"
          class="size-4 accent-accent"
          checked={shortcuts()}
          onChange={(event) => setShortcuts(event.currentTarget.checked)}
        />
        {t().enabled}
      </label>
    </Dialog>
  );
}

function Line(props: { what: string; children: JSX.Element }) {
  return (
    <>
      <dt>{props.what}</dt>
      <dd class="text-right">{props.children}</dd>
    </>
  );
}

function Key(props: { name: string }) {
  return (
    <kbd class="inline-grid h-5 min-w-5 place-items-center rounded-sm border border-line-strong px-1 font-mono text-xs">
      {props.name}
    </kbd>
  );
}
