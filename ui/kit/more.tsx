import { Button } from "./button.tsx";

/** The last row of a list that goes on. */
export function More(props: { label: string; busy?: boolean; onMore: () => void }) {
  return (
    <div class="border-t border-line p-1">
      <Button kind="ghost" small class="w-full" busy={props.busy === true} onClick={() => props.onMore()}>
        {props.label}
      </Button>
    </div>
  );
}
