/**
 * Everything by a few letters: nodes, problems, checks, pages, actions. A combobox over a list: the focus stays in the
 * input, arrows choose, Enter runs.
 */
import { createEffect, createMemo, createSignal, For, on, onMount, Show } from "solid-js";
import { Icon } from "../kit/icon.tsx";
import { createAfterPaint } from "../lib/after-paint.ts";
import { createEntries } from "./palette-entries.ts";
import { search, step, type Entry, type Section } from "./palette.model.ts";
import { text } from "./palette-texts.ts";

const LIST = "palette-list";
const optionId = (entry: Entry) => `palette-${entry.id.replaceAll(/[^\w-]/g, "_")}`;

export default function Palette(props: { onClose: () => void }) {
  let dialog!: HTMLDialogElement;
  const [query, setQuery] = createSignal("");
  const [at, setAt] = createSignal(0);
  const [settled, settle] = createAfterPaint(query);
  const entries = createEntries(settled);
  const sections = createMemo(() => search(entries.all(), settled()));
  const flat = createMemo(() => sections().flatMap((section) => section.entries));
  const chosen = () => flat()[Math.min(at(), flat().length - 1)];

  onMount(() => {
    dialog.showModal();
    void entries.loadChecks();
  });
  createEffect(
    on(settled, (words) => {
      setAt(0);
      entries.lookFurther(words);
    }),
  );
  createEffect(
    on(
      chosen,
      (entry) => entry && document.getElementById(optionId(entry))?.scrollIntoView({ block: "nearest" }),
    ),
  );

  const run = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    // Closed first: the focus goes back to where it was before something else takes it.
    dialog.close();
    props.onClose();
    entry.run();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 };
    const by = moves[event.key];
    if (by === undefined && event.key !== "Enter") return;
    settle();
    if (by !== undefined) setAt(step(Math.min(at(), flat().length - 1), by, flat().length));
    else run(chosen());
    event.preventDefault();
  };

  return (
    <dialog
      ref={dialog}
      aria-label={text().palette.open}
      class="mx-auto mt-[12dvh] mb-auto w-[min(600px,calc(100vw-24px))] overflow-hidden rounded-lg border border-line-strong bg-raised p-0 max-sm:mt-3"
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onPointerDown={(event) => event.target === dialog && props.onClose()}
    >
      <div class="flex items-center gap-2.5 border-b border-line px-4">
        <Icon name="search" class="size-4 text-faint" />
        <input
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
        aria-label={text().palette.label}
        class="max-h-[min(420px,60dvh)] overflow-y-auto overscroll-contain p-2"
      >
        <For each={sections()}>
          {(section) => (
            <Group
              section={section}
              chosen={chosen()}
              onRun={run}
              onPoint={(entry) => setAt(flat().indexOf(entry))}
            />
          )}
        </For>
        <Show when={flat().length === 0}>
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
    </dialog>
  );
}

function Group(props: {
  section: Section;
  chosen: Entry | undefined;
  onRun: (entry: Entry) => void;
  onPoint: (entry: Entry) => void;
}) {
  const id = () => `palette-group-${props.section.group}`;
  return (
    <div role="group" aria-labelledby={id()} class="not-first:mt-1">
      <p id={id()} class="px-2 py-1 text-sm text-faint">
        {text().palette.groups[props.section.group]}
      </p>
      <For each={props.section.entries}>
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
