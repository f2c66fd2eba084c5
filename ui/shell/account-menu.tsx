/** Who is logged in, theme, language, log out: a native popover, closed by Escape or a press outside. */
import { For } from "solid-js";
import { Button } from "../kit/button.tsx";
import { Icon, type IconName } from "../kit/icon.tsx";
import { session } from "../lib/app.ts";
import { language, LANGUAGES, setLanguage, text, type Language } from "../lib/i18n.ts";
import { setTheme, theme, THEMES, type Theme } from "../lib/preferences.ts";
import { openShortcuts } from "./shortcuts.tsx";

const THEME_ICONS: Record<Theme, IconName> = { system: "monitor", dark: "moon", light: "sun" };

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
      <div
        id="account"
        popover="auto"
        class="inset-auto top-12 right-3 m-0 w-64 rounded-lg border border-line-strong bg-raised p-0 text-ink sm:right-5"
      >
        <p class="flex items-baseline gap-2 border-b border-line px-4 py-3">
          <span class="truncate font-medium">{session.user()?.name}</span>
          <span class="ml-auto text-sm text-muted">
            {text().account.roles[session.user()?.role ?? "viewer"]}
          </span>
        </p>
        <div class="flex flex-col gap-3 px-4 py-3">
          <Choice
            label={text().account.theme}
            options={THEMES.map((id) => ({ id, label: text().account.themes[id], icon: THEME_ICONS[id] }))}
            value={theme()}
            onChoose={setTheme}
          />
          <Choice
            label={text().account.language}
            options={(Object.keys(LANGUAGES) as Language[]).map((id) => ({ id, label: LANGUAGES[id] }))}
            value={language()}
            onChoose={(next) => void setLanguage(next)}
          />
        </div>
        <div class="border-t border-line p-2">
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
      </div>
    </>
  );
}

interface Option<T> {
  id: T;
  label: string;
  icon?: IconName;
}

/** A few options side by side, as radio buttons. */
function Choice<T extends string>(props: {
  label: string;
  options: Option<T>[];
  value: T;
  onChoose: (id: T) => void;
}) {
  return (
    <fieldset>
      <legend class="mb-1.5 text-sm text-muted">{props.label}</legend>
      <div class="flex rounded-md border border-line-strong p-0.5">
        <For each={props.options}>
          {(option) => (
            <label
              class="flex h-7 flex-1 cursor-pointer items-center justify-center gap-1.5 rounded-sm text-sm has-focus-visible:(outline-2 outline-accent)"
              classList={{
                "bg-accent-soft text-ink font-medium": props.value === option.id,
                "text-muted hover:text-ink": props.value !== option.id,
              }}
            >
              <input
                type="radio"
                name={props.label}
                class="sr-only"
                checked={props.value === option.id}
                onChange={() => props.onChoose(option.id)}
              />
              {option.icon === undefined ? null : <Icon name={option.icon} class="size-3.5" />}
              {option.label}
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}
