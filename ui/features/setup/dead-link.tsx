/** A setup link that opens nothing any more: why, and what does. */
import { createSignal } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Field } from "../../kit/field.tsx";
import { Command } from "../../kit/states.tsx";
import { Gate } from "../../shell/gate.tsx";
import { tokenFrom, type LinkState } from "./setup.model.ts";
import { text } from "./texts.ts";

/** There is an admin: the way in is the login. */
export function UsedLink() {
  const t = () => text().setup;
  return (
    <Gate title={t().usedTitle} intro={t().usedIntro}>
      <a
        href="/login"
        class="mt-6 flex h-9 items-center justify-center rounded-md bg-accent font-medium text-accent-ink hover:brightness-110"
      >
        {text().login.submit}
      </a>
      <div class="mt-8 border-t border-line pt-5 text-sm text-pretty text-muted">
        <p>{t().usedNoAccount}</p>
        <p class="mt-3 mb-2">{t().usedNobody}</p>
        <Command line={t().usedCommand} />
      </div>
    </Gate>
  );
}

/** There is none yet, and a newer link is the one that works. */
export function OldLink(props: { onLink: (token: string) => Promise<LinkState> }) {
  const [pasted, setPasted] = createSignal("");
  const [error, setError] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  const t = () => text().setup;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const token = tokenFrom(pasted());
    setError(token === "" ? t().linkMissing : undefined);
    if (token === "" || busy()) return;
    setBusy(true);
    const state = await props.onLink(token);
    setBusy(false);
    if (state === "old") setError(text().errors["auth.setup_token"]);
  };
  return (
    <Gate title={t().oldTitle} intro={t().oldIntro}>
      <form class="mt-6 flex flex-col gap-4" onSubmit={submit} noValidate>
        <Field
          label={t().link}
          value={pasted()}
          onValue={setPasted}
          hint={t().oldHint}
          error={error()}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          autofocus
        />
        <Button type="submit" kind="primary" class="h-9!" busy={busy()}>
          {t().next}
        </Button>
        <a href="/login" class="self-center text-sm text-muted hover:text-ink">
          {t().haveAccount}
        </a>
      </form>
    </Gate>
  );
}
