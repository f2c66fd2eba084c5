/** Theme and language, for the account menu and for the settings. */
import { Choice } from "../kit/choice.tsx";
import type { IconName } from "../kit/icon.tsx";
import { language, LANGUAGES, setLanguage, text, type Language } from "../texts/i18n.ts";
import { setTheme, theme, THEMES, type Theme } from "../lib/preferences.ts";

const THEME_ICONS: Record<Theme, IconName> = { system: "monitor", dark: "moon", light: "sun" };

export function ThemeChoice() {
  return (
    <Choice
      label={text().account.theme}
      options={THEMES.map((id) => ({ id, label: text().account.themes[id], icon: THEME_ICONS[id] }))}
      value={theme()}
      onChoose={setTheme}
    />
  );
}

export function LanguageChoice() {
  return (
    <Choice
      label={text().account.language}
      options={(Object.keys(LANGUAGES) as Language[]).map((id) => ({ id, label: LANGUAGES[id] }))}
      value={language()}
      onChoose={(next) => void setLanguage(next)}
    />
  );
}
