/** Contrast of the colours, computed from the file that defines them. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const css = readFileSync(join(import.meta.dir, "tokens.css"), "utf8");

type Rgba = [r: number, g: number, b: number, alpha: number];

/** OKLCH to linear sRGB. Source: Ottosson, "A perceptual color space for image processing". */
function parse(text: string): Rgba {
  const [, l, c, h, alpha] = /oklch\(([\d.]+) ([\d.]+) ([\d.]+)(?: \/ ([\d.]+))?\)/.exec(text)!.map(Number);
  const a = c! * Math.cos((h! * Math.PI) / 180);
  const b = c! * Math.sin((h! * Math.PI) / 180);
  const long = (l! + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l! - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l! - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  return [
    clamp(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    clamp(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    clamp(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
    Number.isNaN(alpha) ? 1 : alpha!,
  ];
}

/** Browsers mix in gamma-encoded sRGB. */
function over([r, g, b, alpha]: Rgba, below: Rgba): Rgba {
  const encode = (v: number) => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
  const decode = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const mix = (top: number, under: number) => decode(encode(top) * alpha + encode(under) * (1 - alpha));
  return [mix(r, below[0]), mix(g, below[1]), mix(b, below[2]), 1];
}

const luminance = ([r, g, b]: Rgba) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

function contrast(front: Rgba, back: Rgba): number {
  const [bright, dark] = [luminance(front), luminance(back)].sort((a, b) => b - a) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

describe.each([
  ["light", 0],
  ["dark", 1],
] as const)("%s", (_, side) => {
  const color = (name: string): Rgba => {
    const value = new RegExp(`--${name}: light-dark\\((oklch\\([^)]*\\)), (oklch\\([^)]*\\))\\)`).exec(css);
    if (value === null) throw new Error(`tokens.css has no colour --${name}`);
    return parse(value[side + 1]!);
  };
  const grounds = ["page", "surface", "raised"] as const;

  test.each(["ink", "muted", "faint", "accent", "ok", "warn", "bad", "unknown"])(
    "%s is readable on every ground",
    (name) => {
      for (const ground of grounds) {
        const hovered = over(color("hover"), color(ground));
        expect(contrast(color(name), color(ground)), `on ${ground}`).toBeGreaterThanOrEqual(4.5);
        expect(contrast(color(name), hovered), `on hovered ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  test.each([1, 2, 3, 4, 5])("line %d of a chart stands out from what it is drawn on", (line) => {
    expect(contrast(color(`chart-${line}`), color("surface"))).toBeGreaterThanOrEqual(3);
  });

  test("a healthy day is seen on what it is drawn on", () => {
    for (const ground of grounds) expect(contrast(color("heat-ok"), color(ground))).toBeGreaterThanOrEqual(3);
  });

  test("words on their own tint are readable", () => {
    for (const [front, tint] of [
      ["warn", "warn-soft"],
      ["bad", "bad-soft"],
      ["ink", "accent-soft"],
    ] as const)
      for (const ground of grounds)
        expect(
          contrast(color(front), over(color(tint), color(ground))),
          `${front} on ${tint}`,
        ).toBeGreaterThanOrEqual(4.5);
    expect(contrast(color("accent-ink"), color("accent"))).toBeGreaterThanOrEqual(4.5);
  });
});
