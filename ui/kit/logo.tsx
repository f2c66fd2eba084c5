/** An open ring around a point: a loop with something to watch. */
export function Logo(props: { class?: string }) {
  return (
    <svg viewBox="0 0 24 24" class={props.class} aria-hidden="true" fill="none">
      <path
        d="M18.9 7.4a8.5 8.5 0 1 0 0 9.2"
        stroke="currentColor"
        stroke-width="2.6"
        stroke-linecap="round"
        class="text-accent"
      />
      <circle cx="12" cy="12" r="2.4" fill="currentColor" />
    </svg>
  );
}
