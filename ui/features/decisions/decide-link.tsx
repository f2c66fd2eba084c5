/** The way from what waits to where it is decided; nothing while nothing waits. */
import { Show } from "solid-js";
import { Icon } from "../../kit/icon.tsx";
import { live } from "../../data/app.ts";
import { text } from "../../texts/i18n.ts";

export function DecideLink(props: { intent: string | null | undefined; class?: string }) {
  const pending = () =>
    live.data.decisions.items.find((one) => one.state === "pending" && one.intent?.id === props.intent);
  return (
    <Show when={pending()}>
      {(decision) => (
        <a
          href={`/decisions/${decision().id}`}
          class={`inline-flex h-8 items-center gap-1.5 rounded-md bg-accent px-3 font-medium text-accent-ink hover:brightness-110 ${props.class ?? ""}`}
        >
          <Icon name="decision" class="size-3.5" />
          {text().needs.decide}
        </a>
      )}
    </Show>
  );
}
