import { Show } from "solid-js";
import { Icon } from "./icon.tsx";
import { TONE_TEXT, type Look } from "./tone.tsx";

/** A state: colour, icon, word. `quiet` leaves the word in grey, for long lists; `iconOnly` hides it from the eye. */
export function Status(props: { look: Look; quiet?: boolean; iconOnly?: boolean; class?: string }) {
  return (
    <span
      class={`inline-flex items-center gap-1.5 align-top whitespace-nowrap ${props.quiet === true ? "text-muted" : TONE_TEXT[props.look.tone]} ${props.class ?? ""}`}
    >
      <Icon
        name={props.look.icon}
        class={`size-3.5 ${TONE_TEXT[props.look.tone]} ${props.look.busy ? "spin" : ""}`}
      />
      <Show when={props.iconOnly === true} fallback={props.look.word}>
        <span class="sr-only">{props.look.word}</span>
      </Show>
    </span>
  );
}
