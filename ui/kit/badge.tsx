import { splitProps, type JSX } from "solid-js";
import { tipOnFocus } from "./tip.tsx";
import { TONE_TEXT, type Tone } from "./tone.tsx";

/** What explains itself by a title can be reached without a pointer. */
const stop = (title: string | undefined) => (title === undefined ? undefined : 0);
const role = (title: string | undefined) => (title === undefined ? undefined : "note");

/** A short fixed label: a level, a count, a tag. */
export function Badge(props: { tone?: Tone; title?: string; mono?: boolean; children: JSX.Element }) {
  return (
    <span
      ref={tipOnFocus}
      title={props.title}
      tabIndex={stop(props.title)}
      role={role(props.title)}
      class={`inline-flex h-5 shrink-0 items-center rounded-sm border border-line-strong px-1.5 text-xs font-medium ${
        TONE_TEXT[props.tone ?? "idle"]
      }`}
      classList={{ "font-mono": props.mono === true }}
    >
      {props.children}
    </span>
  );
}

const PILL =
  "inline-flex h-7 items-center gap-1.5 rounded-full border border-line px-2.5 text-sm font-medium whitespace-nowrap";

/** A round label for a state of the whole screen. */
export function Pill(props: { tone: Tone; title?: string; children: JSX.Element }) {
  return (
    <span
      ref={tipOnFocus}
      title={props.title}
      tabIndex={stop(props.title)}
      role={role(props.title)}
      class={`${PILL} shrink-0 ${TONE_TEXT[props.tone]}`}
    >
      {props.children}
    </span>
  );
}

/** The same as something to press. Where there is too little room its word is cut, instead of pushing others out. */
export function PillButton(props: { tone: Tone } & JSX.ButtonHTMLAttributes<HTMLButtonElement>) {
  const [own, rest] = splitProps(props, ["tone", "children", "class"]);
  return (
    <button
      type="button"
      ref={tipOnFocus}
      {...rest}
      class={`${PILL} min-w-0 cursor-pointer hover:bg-hover ${TONE_TEXT[own.tone]} ${own.class ?? ""}`}
    >
      {own.children}
    </button>
  );
}
