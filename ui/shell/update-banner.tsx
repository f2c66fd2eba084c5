import { createMemo, Show } from "solid-js";
import { Banner } from "../kit/banner.tsx";
import { Button } from "../kit/button.tsx";
import { settings } from "../data/app.ts";
import { text } from "../texts/i18n.ts";

/** The Monitor runs another version than the one this page came from: they may not understand each other. */
export function UpdateBanner() {
  const first = createMemo<string | undefined>((known) => known ?? settings()?.version);
  return (
    <Show when={first() !== undefined && settings()?.version !== first()}>
      <Banner tone="idle" icon="info">
        <p class="min-w-0 flex-1">{text().guardScreen.updated(settings()?.version ?? "")}</p>
        <Button small onClick={() => location.reload()}>
          {text().guardScreen.reload}
        </Button>
      </Banner>
    </Show>
  );
}
