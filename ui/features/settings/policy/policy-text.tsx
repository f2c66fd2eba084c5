/** YAML in a plain text field: numbered lines, and those with a mistake marked. */
import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { Icon } from "../../../kit/icon.tsx";
import type { PolicyProblem } from "./policy.api.ts";
import { offsetOf } from "./policy.model.ts";
import { text } from "./texts.ts";

/** As the classes h-5, leading-5 and py-2 say. */
const LINE_PX = 20;
const PADDING_PX = 8;
const FEWEST_LINES = 14;
const MOST_LINES = 30;

export function PolicyText(props: {
  value: string;
  readOnly: boolean;
  problems: readonly PolicyProblem[];
  /** What fits and does nothing. */
  warnings: readonly PolicyProblem[];
  onValue: (value: string) => void;
}) {
  let field!: HTMLTextAreaElement;
  const id = createUniqueId();
  const [scrolled, setScrolled] = createSignal(0);
  const lineCount = createMemo(() => props.value.split("\n").length);
  const height = () =>
    Math.min(MOST_LINES, Math.max(FEWEST_LINES, lineCount() + 1)) * LINE_PX + 2 * PADDING_PX;
  const wrong = createMemo(() => new Set(props.problems.map(({ line }) => line)));

  function goTo({ line, column }: PolicyProblem): void {
    const at = offsetOf(props.value, line, column);
    field.focus();
    field.setSelectionRange(at, at);
    field.scrollTop = Math.max(0, (line - 4) * LINE_PX);
  }

  return (
    <>
      <div class="relative flex overflow-hidden font-mono" style={{ height: `${height()}px` }}>
        <div
          aria-hidden="true"
          class="w-9 shrink-0 sm:w-11 overflow-hidden border-r border-line text-right text-sm text-faint select-none"
        >
          <div style={{ transform: `translateY(${PADDING_PX - scrolled()}px)` }}>
            <For each={Array.from({ length: lineCount() })}>
              {(_, at) => (
                <div
                  class="h-5 pr-1.5 leading-5 sm:pr-2"
                  classList={{ "bg-bad-soft font-medium text-bad": wrong().has(at() + 1) }}
                >
                  {at() + 1}
                </div>
              )}
            </For>
          </div>
        </div>
        <div class="relative min-w-0 flex-1">
          <For each={[...wrong()]}>
            {(line) => (
              <div
                aria-hidden="true"
                class="pointer-events-none absolute inset-x-0 h-5 bg-bad-soft"
                style={{ top: `${(line - 1) * LINE_PX + PADDING_PX - scrolled()}px` }}
              />
            )}
          </For>
          <textarea
            ref={field}
            class="absolute inset-0 size-full resize-none overflow-auto bg-transparent px-2.5 py-2 text-md leading-5 whitespace-pre sm:(px-3 text-base leading-5) focus:(outline-2 outline-accent -outline-offset-2)"
            aria-label={text().policy.text}
            aria-invalid={props.problems.length > 0}
            aria-describedby={`${id}-problems`}
            wrap="off"
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            readOnly={props.readOnly}
            value={props.value}
            onInput={(event) => props.onValue(event.currentTarget.value)}
            onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
          />
        </div>
      </div>
      <ul
        id={`${id}-problems`}
        class="border-line"
        classList={{ "border-t": props.problems.length + props.warnings.length > 0 }}
      >
        <For each={props.problems}>{(problem) => <Remark of={problem} tone="bad" onGo={goTo} />}</For>
        <For each={props.warnings}>{(warning) => <Remark of={warning} tone="warn" onGo={goTo} />}</For>
      </ul>
    </>
  );
}

function Remark(props: { of: PolicyProblem; tone: "bad" | "warn"; onGo: (of: PolicyProblem) => void }) {
  const colour = () => (props.tone === "bad" ? "text-bad" : "text-warn");
  return (
    <li class="border-line not-last:border-b">
      <button
        type="button"
        onClick={() => props.onGo(props.of)}
        class="flex w-full cursor-pointer items-start gap-2 px-4 py-2 text-left hover:bg-hover"
      >
        <Icon name="problem" class={`mt-0.75 size-3.5 shrink-0 ${colour()}`} />
        <span class="min-w-0 break-words">
          <span class={`font-medium ${colour()}`}>{text().policy.line(props.of.line)}</span>{" "}
          <Show when={props.of.path !== ""}>
            <code class="text-muted">{props.of.path}</code>{" "}
          </Show>
          {props.of.message}
        </span>
      </button>
    </li>
  );
}
