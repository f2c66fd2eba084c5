/** How the dashboard looks and reads in this browser. */
import { Choice } from "../../kit/choice.tsx";
import { Panel } from "../../kit/panel.tsx";
import { LanguageChoice, ThemeChoice } from "../../shell/appearance-choice.tsx";
import { setShortcuts, shortcuts } from "../../lib/preferences.ts";
import { text } from "./texts.ts";

export default function AppearancePage() {
  return (
    <Panel title={text().settingsPages.appearance} class="max-w-160">
      <div class="flex flex-col gap-5 px-4 py-4">
        <ThemeChoice />
        <LanguageChoice />
        <Choice
          label={text().settings.singleKeys}
          options={[
            { id: "on", label: text().common.on },
            { id: "off", label: text().common.off },
          ]}
          value={shortcuts() ? "on" : "off"}
          onChoose={(id) => setShortcuts(id === "on")}
        />
        <p class="text-sm text-muted">{text().settings.thisBrowser}</p>
      </div>
    </Panel>
  );
}
