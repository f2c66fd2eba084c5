/** Writing a policy: checked as it is typed, tried on the past, compared, saved. */
import { createEffect, createSignal, on, Show } from "solid-js";
import { Button } from "../../../kit/button.tsx";
import { Confirm } from "../../../kit/confirm.tsx";
import { Icon } from "../../../kit/icon.tsx";
import { errorText } from "../../../kit/states.tsx";
import { toast } from "../../../kit/toast.tsx";
import { Conflict } from "./conflict.tsx";
import { type Check, createCheck, draft, setDraft } from "./draft.ts";
import { PolicyText } from "./policy-text.tsx";
import { createTry, PolicyTry } from "./policy-try.tsx";
import type { PolicyVersion } from "./policy.api.ts";
import { SaveDialog } from "./save-dialog.tsx";
import { text } from "./texts.ts";

type Asked = "save" | "discard" | null;

export function PolicyEdit(props: {
  current: PolicyVersion;
  mayEdit: boolean;
  /** Ask for what is in force again. */
  onReload: () => Promise<void>;
}) {
  const t = () => text().policy;
  const [asked, setAsked] = createSignal<Asked>(null);
  const value = () => draft()?.text ?? props.current.text;
  const basedOn = () => draft()?.basedOn ?? props.current.version;
  const check = createCheck(value);
  const attempt = createTry();
  const isConflict = () => draft() !== null && basedOn() !== props.current.version;

  // Checking tells that somebody else saved.
  createEffect(
    on(check.inForce, (version) => {
      if (version !== null && version !== props.current.version) void props.onReload();
    }),
  );

  const write = (next: string) =>
    setDraft(
      next === props.current.text && basedOn() === props.current.version
        ? null
        : { basedOn: basedOn(), text: next },
    );
  const fits = () => check.isCurrent() && check.problems()?.length === 0;
  const saved = ({ version }: PolicyVersion) => {
    setDraft(null);
    setAsked(null);
    toast(t().saved(version));
    void props.onReload();
  };

  return (
    <div class="flex flex-col gap-5">
      <Show when={isConflict()}>
        <Conflict
          basedOn={basedOn()}
          version={props.current.version}
          text={value()}
          onTheirs={() => setAsked("discard")}
        />
      </Show>
      <div>
        <div class="overflow-hidden rounded-lg border border-line bg-surface">
          <PolicyText
            value={value()}
            readOnly={!props.mayEdit}
            problems={check.problems() ?? []}
            warnings={check.warnings()}
            onValue={write}
          />
          <footer class="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-4 py-2">
            <Verdict check={check} rules={props.current.document.rules.length} />
            <Show
              when={props.mayEdit}
              fallback={<span class="text-sm text-muted sm:ml-auto">{t().readOnly}</span>}
            >
              <span class="flex gap-2 sm:ml-auto max-sm:(w-full [&>*]:flex-1)">
                <Button disabled={draft() === null} onClick={() => setAsked("discard")}>
                  {t().discard}
                </Button>
                <Button
                  kind="primary"
                  disabled={draft() === null || !fits() || isConflict()}
                  onClick={() => setAsked("save")}
                >
                  {t().review}
                </Button>
              </span>
            </Show>
          </footer>
        </div>
        <p class="mt-2 text-sm text-muted text-pretty">{t().keys}</p>
      </div>
      <PolicyTry attempt={attempt} text={value()} disabled={!fits()} />
      <SaveDialog
        open={asked() === "save"}
        current={props.current}
        text={value()}
        isTried={attempt.result()?.of === value() && attempt.result()?.next === null}
        onClose={() => setAsked(null)}
        onSaved={saved}
        onOutdated={() => {
          setAsked(null);
          void props.onReload();
        }}
      />
      <Confirm
        open={asked() === "discard"}
        title={t().discardTitle}
        action={t().discard}
        onClose={() => setAsked(null)}
        onConfirm={() => Promise.resolve(setDraft(null))}
      >
        {t().discardBody}
      </Confirm>
    </div>
  );
}

/** Whether the text fits, said aloud when that changes. */
function Verdict(props: { check: Check; rules: number }) {
  const t = () => text().policy;
  const problems = () => props.check.problems();
  return (
    <span role="status" class="flex items-center gap-1.5 text-sm">
      <Show
        when={props.check.error()}
        fallback={
          <Show when={problems()} fallback={<span class="text-muted">{t().checking}</span>}>
            {(found) => (
              <Show
                when={found().length > 0}
                fallback={
                  <>
                    <Icon name="check" class="size-3.5 text-ok" />
                    <span class="text-muted">{t().fits(props.check.rules() ?? props.rules)}</span>
                  </>
                }
              >
                <Icon name="problem" class="size-3.5 text-bad" />
                <span class="text-bad">{t().mistakes(found().length)}</span>
              </Show>
            )}
          </Show>
        }
      >
        {(error) => (
          <>
            <Icon name="offline" class="size-3.5 text-warn" />
            <span class="text-warn">
              {t().uncheckable}: {errorText(error())}
            </span>
            <Button small onClick={() => props.check.again()}>
              {text().common.retry}
            </Button>
          </>
        )}
      </Show>
    </span>
  );
}
