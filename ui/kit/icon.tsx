import { ICON_PATHS } from "./icon-paths.gen.ts";
import type { IconName } from "./icons.ts";

export type { IconName };

/** Decorative always: the word beside it carries the meaning. Drawn in the document: a mask costs a page of its own each. */
export function Icon(props: { name: IconName; class?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 24 24" class={`icon ${props.class ?? "size-4"}`}>
      <path d={ICON_PATHS[props.name]} />
    </svg>
  );
}
