import { shortId } from "../lib/format.model.ts";
import { tipOnFocus } from "./tip.tsx";

/** An id, shortened for the eye; the whole of it for pointer and focus, and for copying by selection. */
export function IdText(props: { id: string }) {
  return (
    <code
      title={props.id}
      tabIndex={0}
      ref={tipOnFocus}
      class="rounded-sm border border-line px-1.5 py-0.5 text-sm text-muted select-all"
    >
      {shortId(props.id)}
    </code>
  );
}
