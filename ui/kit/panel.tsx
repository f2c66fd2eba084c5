import { createUniqueId, Show, type JSX } from "solid-js";
import { formatCount } from "../lib/format.model.ts";
import { locale } from "../texts/i18n.ts";

/** A titled part of a page: heading outside, content between hairlines. */
export function Panel(props: {
  title: string;
  count?: number | undefined;
  actions?: JSX.Element;
  class?: string;
  children: JSX.Element;
}) {
  const id = createUniqueId();
  return (
    <section aria-labelledby={id} class={`min-w-0 ${props.class ?? ""}`}>
      <header class="mb-2 flex min-h-7 items-center gap-2">
        <h2 id={id} class="text-md font-semibold">
          {props.title}
        </h2>
        <Show when={props.count !== undefined}>
          <span class="text-md text-faint">{formatCount(props.count!, locale())}</span>
        </Show>
        {/* Only a search field can shrink; buttons need their room. */}
        <div class="ml-auto flex items-center gap-2 has-[[data-filter]]:min-w-0">{props.actions}</div>
      </header>
      <div class="overflow-hidden rounded-lg border border-line bg-surface">{props.children}</div>
    </section>
  );
}

/** Names and values, one pair a line. */
export function Facts(props: { children: JSX.Element }) {
  return <dl class="grid grid-cols-[minmax(96px,128px)_1fr] gap-x-4 gap-y-1.5">{props.children}</dl>;
}

export function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <>
      <dt class="text-muted">{props.name}</dt>
      <dd class="min-w-0 break-words">{props.children}</dd>
    </>
  );
}

/** A titled part of a detail. */
export function Section(props: { title: string; children: JSX.Element }) {
  const id = createUniqueId();
  return (
    <section aria-labelledby={id}>
      <h4 id={id} class="mb-2 text-sm font-medium text-muted">
        {props.title}
      </h4>
      {props.children}
    </section>
  );
}
