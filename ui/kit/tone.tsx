/** What a state means to the eye. Grey is the normal case; red is only for what needs a person. */
import type { IconName } from "./icon.tsx";

export type Tone = "idle" | "ok" | "accent" | "warn" | "bad" | "unknown";

/** Colour, icon and word always travel together: colour alone says nothing to some people. */
export interface Look {
  tone: Tone;
  icon: IconName;
  word: string;
  /** The icon turns: something is going on right now. */
  busy?: boolean;
}

export const TONE_TEXT: Record<Tone, string> = {
  idle: "text-muted",
  ok: "text-ok",
  accent: "text-accent",
  warn: "text-warn",
  bad: "text-bad",
  unknown: "text-unknown",
};

export const TONE_FILL: Record<Tone, string> = {
  idle: "bg-muted",
  ok: "bg-ok",
  accent: "bg-accent",
  warn: "bg-warn",
  bad: "bg-bad",
  unknown: "bg-unknown",
};
