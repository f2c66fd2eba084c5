/** Utility classes speak only in the tokens of kit/tokens.css; colours outside of them do not exist. */
import { defineConfig, presetWind4, transformerVariantGroup } from "unocss";

const token = (name: string) => `var(--${name})`;
const tokens = (names: string[], prefix = "") =>
  Object.fromEntries(names.map((name) => [name, token(prefix + name)]));

export default defineConfig({
  presets: [presetWind4({ dark: "class", preflights: { theme: "on-demand", property: false } })],
  layers: { icons: -30 },
  rules: [
    [
      "icon",
      {
        display: "inline-block",
        "flex-shrink": "0",
        fill: "none",
        stroke: "currentColor",
        "stroke-width": "2",
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
      },
      { layer: "icons" },
    ],
  ],
  transformers: [transformerVariantGroup()],
  theme: {
    colors: tokens([
      "page",
      "surface",
      "raised",
      "hover",
      "line",
      "line-strong",
      "ink",
      "muted",
      "faint",
      "accent",
      "accent-ink",
      "accent-soft",
      "ok",
      "heat-ok",
      "warn",
      "warn-soft",
      "bad",
      "bad-soft",
      "unknown",
      "chart-1",
      "chart-2",
      "chart-3",
      "chart-4",
      "chart-5",
    ]),
    text: Object.fromEntries(
      ["xs", "sm", "base", "md", "lg", "xl", "2xl"].map((size) => [
        size,
        { fontSize: token(`text-${size}`), lineHeight: token(`leading-${size}`) },
      ]),
    ),
    radius: tokens(["sm", "md", "lg"], "round-"),
    font: { sans: token("face-sans"), mono: token("face-mono") },
    // Tables turn into cards under md; the rail folds to icons under lg and to the bottom bar under sm.
    breakpoint: { sm: "640px", md: "768px", lg: "1100px", xl: "1440px" },
  },
});
