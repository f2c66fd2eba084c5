/** Yes or no: at the bottom of the card, in reach of a thumb, and under `a` and `r`. */
import { useNavigate } from "@solidjs/router";
import { createEffect, createSignal, on, onCleanup, onMount, Show } from "solid-js";
import { createAct } from "../../kit/act.ts";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { Field, focusFirstInvalid, FormError } from "../../kit/field.tsx";
import { toast } from "../../kit/toast.tsx";
import { api, mayAct, session } from "../../data/app.ts";
import { now } from "../../lib/clock.ts";
import { formatClock, formatDuration } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import { shortcuts } from "../../lib/preferences.ts";
import type { Decision } from "../../data/types.ts";
import { hasApproved, isCooling, isGrave, lastVoice, nextAfter, sentence } from "./decision.model.ts";
import { RunLine } from "../intents/run-line.tsx";
import { text } from "./texts.ts";

type Verdict = "approve" | "reject";

export function VerdictBar(props: { decision: Decision; ids: string[] }) {
  const [asked, setAsked] = createSignal<Verdict | null>(null);
  const isOpen = () => props.decision.state === "pending" && mayAct();
  const hasMine = () => hasApproved(props.decision, session.user()?.name ?? "");

  // Whoever is writing a reason when the answer comes from elsewhere is told whose it is.
  createEffect(
    on(
      () => [props.decision.id, props.decision.state] as const,
      ([id, state], before) => {
        if (before === undefined || before[0] !== id || state === "pending" || asked() === null) return;
        const { who, word } = lastVoice(props.decision, text());
        // One's own answer comes back on the socket, too.
        if (who === session.user()?.name) return;
        setAsked(null);
        toast(text().decision.faster(who, word), "bad");
      },
    ),
  );

  const onKey = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const typing = target.closest("input, textarea, select, dialog, [contenteditable]") !== null;
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !shortcuts() || !isOpen()) return;
    const verdict = { a: "approve", r: "reject" }[event.key] as Verdict | undefined;
    const isYes = verdict === "approve";
    if (verdict === undefined || (isYes && (hasMine() || isCooling(props.decision)))) return;
    event.preventDefault();
    setAsked(verdict);
  };
  onMount(() => document.addEventListener("keydown", onKey));
  onCleanup(() => document.removeEventListener("keydown", onKey));

  return (
    <Show when={props.decision.state === "pending"}>
      <footer class="sticky bottom-14 flex flex-wrap items-center gap-3 rounded-b-lg border-t border-line bg-raised px-5 py-3 sm:bottom-0">
        <Show when={props.decision.coolingUntil}>
          {(until) => (
            <span role="status" class="font-medium text-bad tabular-nums">
              {text().decision.cooling(formatClock(Math.max(0, Date.parse(until()) - now())))}
            </span>
          )}
        </Show>
        <Show when={props.decision.peopleNeeded > 1}>
          <span class="text-sm text-muted">
            {text().decision.votes(props.decision.approvals, props.decision.peopleNeeded)}
            <Show when={hasMine()}>
              {" · "}
              {text().decision.yours}
            </Show>
          </span>
        </Show>
        <Show when={mayAct()} fallback={<p class="text-sm text-muted">{text().decision.viewerOnly}</p>}>
          <span class="ml-auto flex gap-2 max-sm:(w-full [&>*]:flex-1)">
            <Button kind="quiet" icon="ban" onClick={() => setAsked("reject")} aria-keyshortcuts="r">
              {isCooling(props.decision) ? text().decision.stop : text().decision.reject}
            </Button>
            <Show when={!hasMine() && !isCooling(props.decision)}>
              <Button kind="primary" icon="check" onClick={() => setAsked("approve")} aria-keyshortcuts="a">
                {text().decision.approve}
              </Button>
            </Show>
          </span>
        </Show>
      </footer>
      <VerdictDialog
        decision={props.decision}
        ids={props.ids}
        verdict={asked()}
        onClose={() => setAsked(null)}
      />
    </Show>
  );
}

function VerdictDialog(props: {
  decision: Decision;
  ids: string[];
  verdict: Verdict | null;
  onClose: () => void;
}) {
  const t = () => text().decision;
  return (
    <Dialog
      open={props.verdict !== null}
      onClose={props.onClose}
      title={props.verdict === "reject" ? t().rejectTitle : t().approveTitle}
    >
      <Show when={props.verdict} keyed>
        {(verdict) => <VerdictForm {...props} verdict={verdict} />}
      </Show>
    </Dialog>
  );
}

function VerdictForm(props: { decision: Decision; ids: string[]; verdict: Verdict; onClose: () => void }) {
  const navigate = useNavigate();
  const t = () => text().decision;
  const [reason, setReason] = createSignal("");
  const [name, setName] = createSignal("");
  const [tried, setTried] = createSignal(false);
  const act = createAct(async () => {
    const { id } = props.decision;
    const next = nextAfter(props.ids, id);
    const after = await api.call<Decision>("POST", `decisions/${id}/verdict`, {
      verdict: props.verdict,
      ...(reason().trim() === "" ? {} : { reason: reason().trim() }),
    });
    props.onClose();
    toast(
      isCooling(after)
        ? t().done.cooling
        : after.state === "pending"
          ? t().done.more
          : t().done[props.verdict],
    );
    if (after.state !== "pending" && next !== undefined) navigate(`/decisions/${next}`, { scroll: false });
  });
  const left = () => Math.max(0, Date.parse(props.decision.expiresAt) - now());
  const asksName = () => props.verdict === "approve" && isGrave(props.decision);
  const reasonError = () =>
    tried() && props.verdict === "reject" && reason().trim() === "" ? t().reasonNeeded : undefined;
  const nameError = () =>
    tried() && asksName() && name().trim() !== props.decision.nodeName ? t().nameNeeded : undefined;

  async function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    if (act.busy()) return;
    setTried(true);
    if (reasonError() !== undefined || nameError() !== undefined)
      return queueMicrotask(() => focusFirstInvalid(form));
    await act.run();
  }

  return (
    <form class="flex flex-col gap-4" onSubmit={submit} noValidate>
      <div>
        <p class="font-medium break-words">{sentence(props.decision)}</p>
        <p class="text-sm text-muted break-words">
          {props.decision.nodeName} · {props.decision.class} · {t().undos[props.decision.blastRadius.undo]} ·{" "}
          {t().expires} <span class="tabular-nums">{formatDuration(left(), locale())}</span>
        </p>
      </div>
      <Show when={props.verdict === "approve"}>
        <RunLine plan={props.decision.plan} />
      </Show>
      <p class="text-pretty text-muted">{props.verdict === "approve" ? t().approveBody : t().rejectBody}</p>
      <Show when={asksName()}>
        <Field
          label={t().typeName(props.decision.nodeName)}
          value={name()}
          onValue={setName}
          error={nameError()}
          autocomplete="off"
          autofocus
        />
      </Show>
      <Field
        label={props.verdict === "approve" ? t().reasonOptional : t().reason}
        hint={t().reasonHint}
        value={reason()}
        onValue={setReason}
        error={reasonError()}
        maxLength={1000}
        autocomplete="off"
        autofocus={!asksName()}
      />
      <FormError message={act.message()} />
      <div class="flex justify-end gap-2">
        <Button onClick={() => props.onClose()}>{text().common.cancel}</Button>
        <Button type="submit" kind={props.verdict === "approve" ? "primary" : "danger"} busy={act.busy()}>
          {props.verdict === "approve" ? t().approve : t().reject}
        </Button>
      </div>
    </form>
  );
}
