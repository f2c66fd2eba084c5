/** Who is logged in, theme, language, log out. */
import { Button } from "../kit/button.tsx";
import { Icon } from "../kit/icon.tsx";
import { Popover } from "../kit/popover.tsx";
import { session } from "../data/app.ts";
import { text } from "../texts/i18n.ts";
import { LanguageChoice, ThemeChoice } from "./appearance-choice.tsx";
import { openShortcuts } from "./shortcuts.tsx";

function showShortcuts() {
  document.getElementById("account")?.hidePopover();
  openShortcuts();
}

export function AccountMenu() {
  return (
    <>
      <button
        type="button"
        popovertarget="account"
        aria-label={text().account.title}
        class="grid size-7 cursor-pointer place-items-center rounded-full bg-accent-soft text-sm font-semibold text-accent uppercase"
      >
        {session.user()?.name.slice(0, 1)}
      </button>
      <Popover id="account" class="top-12 right-3 w-64 sm:right-5">
        <p class="flex items-baseline gap-2 border-b border-line px-4 py-3">
          <span class="truncate font-medium">{session.user()?.name}</span>
          <span class="ml-auto text-sm text-muted">
            {text().account.roles[session.user()?.role ?? "viewer"]}
          </span>
        </p>
        <div class="flex flex-col gap-3 px-4 py-3">
          <ThemeChoice />
          <LanguageChoice />
        </div>
        <div class="border-t border-line p-2">
          <a
            href="/profile"
            class="flex h-8 items-center gap-1.5 rounded-md px-3 font-medium text-muted hover:(bg-hover text-ink)"
            onClick={() => document.getElementById("account")?.hidePopover()}
          >
            <Icon name="person" class="size-3.5" />
            {text().nav.profile}
          </a>
          <Button
            kind="ghost"
            icon="keyboard"
            class="w-full justify-start! max-sm:hidden"
            onClick={showShortcuts}
          >
            {text().shortcuts.title}
          </Button>
          <Button
            kind="ghost"
            icon="logout"
            class="w-full justify-start!"
            onClick={() => void session.logout()}
          >
            {text().account.logout}
          </Button>
        </div>
      </Popover>
    </>
  );
}
