/** The end of the session, some time before it comes: nobody is logged out without a word. */
import { createEffect, createMemo, onCleanup, Show, untrack } from "solid-js";
import { Button } from "../kit/button.tsx";
import { Icon } from "../kit/icon.tsx";
import { session } from "../data/app.ts";
import { watchAttendance } from "../lib/attendance.ts";
import { now, serverNow } from "../lib/clock.ts";
import { formatClock } from "../lib/format.model.ts";
import { text } from "../texts/i18n.ts";
import { whenIdle } from "../lib/idle.ts";
import { isToBeAsked, isToBeKept, noticeOf, type EndNotice } from "../lib/session-end.model.ts";

/** Asks when it ends as the end comes near, and tells the server that somebody is here. */
export function followSession(): void {
  createEffect(() => {
    const end = session.end();
    if (end !== null && isToBeAsked(end, session.askedAt(), now())) void session.check();
  });
  onCleanup(
    watchAttendance(() => {
      const end = session.end();
      // The press itself comes first, unless there is no time for that.
      if (end === null || !isToBeKept(end, serverNow())) return;
      if (noticeOf(end, serverNow()) === null) whenIdle(() => void session.check());
      else void session.stay();
    }),
  );
}

export function SessionNotice() {
  const notice = createMemo(() => {
    const end = session.end();
    return end === null ? null : noticeOf(end, now());
  });
  return <Show when={notice()}>{(shown) => <Notice notice={shown()} />}</Show>;
}

function Notice(props: { notice: EndNotice }) {
  const t = () => text().sessionEnd;
  const says = () => t()[props.notice.why](formatClock(props.notice.leftMs));
  // Said once: a clock that counts must not talk every second.
  const said = untrack(says);
  let panel!: HTMLDivElement;
  // Over an open dialog, too.
  createEffect(() => "showPopover" in panel && panel.showPopover());
  return (
    <div
      ref={panel}
      popover="manual"
      class="fixed inset-x-4 top-auto bottom-18 m-0 mx-auto w-fit max-w-[calc(100%-2rem)] rounded-md border border-line-strong bg-raised px-3 py-2 text-ink shadow-lg sm:(top-14 bottom-auto)"
    >
      <div class="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Icon name="clock" class="size-3.5 text-warn" />
        <p role="alert" class="sr-only">
          {said}
        </p>
        <p aria-hidden="true" class="tabular-nums">
          {says()}
        </p>
        <Show
          when={props.notice.why === "idle"}
          fallback={
            <Button small onClick={() => void session.logout()}>
              {t().again}
            </Button>
          }
        >
          <Button small kind="primary" onClick={() => void session.stay()}>
            {t().stay}
          </Button>
        </Show>
      </div>
    </div>
  );
}
