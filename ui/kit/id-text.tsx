import { shortId } from "../lib/format.model.ts";

/** An id, shortened for the eye; the whole of it on hover and for copying by selection. */
export function IdText(props: { id: string }) {
  return (
    <code title={props.id} class="rounded-sm border border-line px-1.5 py-0.5 text-sm text-muted select-all">
      {shortId(props.id)}
    </code>
  );
}
