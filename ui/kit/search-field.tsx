import { Icon } from "./icon.tsx";

/** A filter over a list; `/` anywhere on the page goes to it. */
export function SearchField(props: { label: string; value: string; onValue: (value: string) => void }) {
  return (
    <label class="relative block w-60 min-w-0">
      <span class="sr-only">{props.label}</span>
      <Icon name="search" class="pointer-events-none absolute top-1.75 left-2 size-3.5 text-faint" />
      <input
        type="search"
        data-filter
        autocomplete="off"
        spellcheck={false}
        value={props.value}
        placeholder={props.label}
        onInput={(event) => props.onValue(event.currentTarget.value)}
        class="h-7 w-full rounded-md border border-line-strong bg-transparent pr-2 pl-7 text-lg text-ellipsis placeholder:(text-sm text-faint) sm:text-sm"
      />
    </label>
  );
}
