/** Plain HTTP on a network: what is typed here can be read on the way. It does not go away by itself. */
import { Show } from "solid-js";
import { settings } from "../data/app.ts";
import { text } from "../texts/i18n.ts";

export function InsecureBanner() {
  return (
    <Show when={settings()?.transport.insecure}>
      <div role="alert" class="border-b border-line bg-sunken px-4 py-2 text-bad sm:px-6">
        <p>{text().common.insecure}</p>
      </div>
    </Show>
  );
}
