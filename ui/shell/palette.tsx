/**
 * Everything by a few letters: nodes, problems, checks, pages, actions. A combobox over a list: the focus stays in the
 * input, arrows choose, Enter runs.
 */
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from "solid-js";
import { Icon } from "../kit/icon.tsx";
import { openLayer, type Layer } from "../kit/layer.ts";
import { createAfterPaint, onNextPaint } from "../lib/after-paint.ts";
import { createEntries } from "./palette-entries.ts";
import { search, step, type Entry, type Group as GroupName } from "./palette.model.ts";
import { text } from "./palette-texts.ts";

const LIST = "palette-list";
const optionId = (entry: Entry) => `palette-${entry.id.replaceAll(/[^\w-]/g, "_")}`;

export default function Palette(props: { onClose: () => void }) {
  let dialog!: HTMLDialogElement;
  let input!: HTMLInputElement;
  let layer: Layer | undefined;
  const [query, setQuery] = createSignal("");
  const [at, setAt] = createSignal(0);
  const [settled, settle] = createAfterPaint(query);
  const entries = createEntries(settled);
  /** The field comes at once, what it offers a frame later. */
  const [drawn, setDrawn] = createSignal(false);
  const sections = createMemo(() => (drawn() ? search(entries.all(), settled()) : []));
  const flat = createMemo(() => sections().flatMap((section) => section.entries));
  const chosen = () => flat()[Math.min(at(), flat().length - 1)];

  onMount(() => {
    layer = openLayer(dialog, { focus: input, onClose: () => props.onClose() });
    onCleanup(
      onNextPaint(() => {
        setDrawn(true);
        void entries.loadChecks();
      }),
    );
    onCleanup(entries.makeReady());
  });
  onCleanup(() => layer?.close());
  createEffect(
    on(settled, (words) => {
      setAt(0);
      if (scrolled) showChosen();
      entries.lookFurther(words);
    }),
  );
  /** Where the list is scrolled to asks the browser for a layout at once: only when it may have to move. */
  const showChosen = () => {
    const entry = chosen();
    if (entry) document.getElementById(optionId(entry))?.scrollIntoView({ block: "nearest" });
  };
  let scrolled = false;

  const run = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    // Closed first: the focus goes back to where it was before something else takes it.
    layer?.close();
    props.onClose();
    entry.run();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    // The field is all there is to stop at.
    if (event.key === "Tab") event.preventDefault();
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 };
    const by = moves[event.key];
    if (by === undefined && event.key !== "Enter") return;
    setDrawn(true);
    settle();
    if (by !== undefined) {
      setAt(step(Math.min(at(), flat().length - 1), by, flat().length));
      showChosen();
    } else run(chosen());
    event.preventDefault();
  };

  return (
    <dialog
      ref={dialog}
      popover="auto"
      aria-modal="true"
      aria-label={text().palette.open}
      class="m-0 h-dvh max-h-none w-full max-w-none overflow-hidden overscroll-contain border-0 bg-transparent p-0"
      onPointerDown={(event) => event.target === dialog && layer?.close()}
    >
      <div
        class="mx-auto mt-[12dvh] w-[min(600px,calc(100vw-24px))] overflow-hidden rounded-lg border border-line-strong bg-raised max-sm:mt-3"
        // A press on the list leaves the focus in the field.
        onMouseDown={(event) => event.target !== input && event.preventDefault()}
      >
        <div class="flex items-center gap-2.5 border-b border-line px-4">
          <Icon name="search" class="size-4 text-faint" />
          <input
            ref={input}
            role="combobox"
            aria-expanded="true"
            aria-controls={LIST}
            aria-autocomplete="list"
            aria-activedescendant={chosen() === undefined ? undefined : optionId(chosen()!)}
            aria-label={text().palette.label}
            placeholder={text().palette.label}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            autofocus
            value={query()}
            onInput={(event) => setQuery(event.currentTarget.value)}
            onKeyDown={onKey}
            class="h-12 min-w-0 flex-1 bg-transparent text-lg outline-none sm:text-md placeholder:text-faint"
          />
        </div>
        <div
          id={LIST}
          role="listbox"
          onScroll={() => (scrolled = true)}
          aria-label={text().palette.label}
          class="max-h-[min(420px,60dvh)] overflow-y-auto overscroll-contain p-2"
        >
          <For each={sections().map(({ group }) => group)}>
            {(group) => (
              <Group
                group={group}
                entries={sections().find((section) => section.group === group)?.entries ?? []}
                chosen={chosen()}
                onRun={run}
                onPoint={(entry) => setAt(flat().indexOf(entry))}
              />
            )}
          </For>
          <Show when={drawn() && flat().length === 0}>
            <p class="px-2 py-6 text-center text-muted">{text().palette.none}</p>
          </Show>
        </div>
        <p role="status" class="sr-only">
          {text().palette.count(flat().length)}
        </p>
        <p
          aria-hidden="true"
          class="flex gap-4 border-t border-line px-4 py-2 text-sm text-faint max-sm:hidden"
        >
          <span>↑↓ {text().palette.keys.move}</span>
          <span>↵ {text().palette.keys.run}</span>
          <span>Esc {text().palette.keys.close}</span>
        </p>
      </div>
    </dialog>
  );
}

function Group(props: {
  group: GroupName;
  entries: Entry[];
  chosen: Entry | undefined;
  onRun: (entry: Entry) => void;
  onPoint: (entry: Entry) => void;
}) {
  const id = () => `palette-group-${props.group}`;
  return (
    <div role="group" aria-labelledby={id()} class="not-first:mt-1">
      <p id={id()} class="px-2 py-1 text-sm text-faint">
        {text().palette.groups[props.group]}
      </p>
      <For each={props.entries}>
        {(entry) => (
          <div
            id={optionId(entry)}
            role="option"
            aria-selected={props.chosen?.id === entry.id}
            onPointerMove={() => props.chosen?.id !== entry.id && props.onPoint(entry)}
            onClick={() => props.onRun(entry)}
            class="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 text-muted aria-selected:(bg-accent-soft text-ink)"
          >
            <Icon name={entry.icon} class="size-4" />
            <span class="min-w-0 shrink-0 truncate text-ink max-w-[75%]">{entry.title}</span>
            <span class="ml-auto min-w-0 truncate text-sm">{entry.hint}</span>
          </div>
        )}
      </For>
    </div>
  );
}
