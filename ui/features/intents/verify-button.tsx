import { Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Icon } from "../../kit/icon.tsx";
import { verification, verificationText, verifying, verifyLedger } from "./verify-ledger.ts";
import { text } from "./texts.ts";

/** Hash every entry again; what came of it stays beside the button. */
export function VerifyButton() {
  return (
    <>
      <Show when={!verifying() && verification()}>
        {(found) => (
          <span
            class={`flex min-w-0 items-center gap-1.5 text-sm ${found().ok ? "text-muted" : "text-bad"}`}
            title={verificationText(found(), text())}
          >
            <Icon
              name={found().ok ? "check-circle" : "x-circle"}
              class={`size-3.5 ${found().ok ? "text-ok" : "text-bad"}`}
            />
            <span class="truncate max-sm:sr-only">{verificationText(found(), text())}</span>
          </span>
        )}
      </Show>
      <Button small icon="shield" busy={verifying()} onClick={() => void verifyLedger()}>
        {text().verify.action}
      </Button>
    </>
  );
}
