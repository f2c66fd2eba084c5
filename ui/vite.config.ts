/** Builds the dashboard into ui/dist: `node_modules/.bin/vite build ui` from the repository's root. */
import UnoCSS from "unocss/vite";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import solid from "vite-plugin-solid";
import { licences } from "./build/licences.ts";
import { preloadHome } from "./build/preload-home.ts";

export default defineConfig({
  plugins: [
    UnoCSS({ configFile: fileURLToPath(new URL("./uno.config.ts", import.meta.url)) }),
    solid(),
    preloadHome("fleet", "fleet.page"),
    licences(new URL("../", import.meta.url)),
  ],
  build: {
    target: "es2022",

    // The tokens use light-dark(): these are the first browsers that know it, so it must not be lowered.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // A data: URL would need a wider policy than the one the dashboard is served with.
    assetsInlineLimit: 0,
    // Every browser in cssTarget preloads modules by itself.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // One file for the frame of every screen, instead of thirty of half a kilobyte each.
            {
              name: "shell",
              test: /node_modules\/(?!uplot|@simplewebauthn|diff)|\/ui\/(kit\/(?!time-series|value-table|heat|virtual|filter-bar|check-field)|data\/|lib\/|texts\/(i18n|count|en\/frame)\.ts)|\/(?!time-series|charts|events|range|palette|heat|virtual|fleet-view|problem-filter|timeline-filter|decision|ladder|check|policy|profile|audit|enrol|grants)[a-z-]+\.model\.ts$|\/ui\/shell\/(?!.*page|detail-panel|palette(?!-door))/,
            },
            // The first screen in one file: on a slow line each further file of a screen is a round trip.
            {
              name: "fleet",
              test: /\/ui\/(features\/fleet\/(?!needs\.ts|needs\.model|fleet\.model)|features\/(problems\/(problem-list|texts)|intents\/(intent-list|steps|texts))\.tsx?|texts\/en\/(fleet|intent|problem)\.ts|kit\/(heat|virtual|check-field))/,
            },
          ],
        },
      },
    },
  },
});
