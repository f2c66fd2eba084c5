import { Show, splitProps, type JSX } from "solid-js";
import { Icon, type IconName } from "./icon.tsx";

const KINDS = {
  primary: "bg-accent text-accent-ink border-transparent hover:brightness-110",
  quiet: "border-line-strong text-ink hover:bg-hover",
  ghost: "border-transparent text-muted hover:(bg-hover text-ink)",
  danger: "border-bad bg-bad-soft text-bad hover:brightness-115",
} as const;

export interface ButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: keyof typeof KINDS;
  small?: boolean;
  icon?: IconName;
  /** Working on it: the label stays, the button does not answer. */
  busy?: boolean;
}

export function Button(props: ButtonProps) {
  const [own, rest] = splitProps(props, [
    "kind",
    "small",
    "icon",
    "busy",
    "class",
    "children",
    "disabled",
    "type",
  ]);
  return (
    <button
      {...rest}
      type={own.type ?? "button"}
      disabled={own.disabled}
      aria-busy={own.busy}
      onClick={(event) => {
        if (own.busy === true) event.preventDefault();
        else if (typeof rest.onClick === "function") rest.onClick(event);
      }}
      class={`inline-flex cursor-pointer items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none disabled:(cursor-not-allowed opacity-50) aria-busy:cursor-progress ${
        KINDS[own.kind ?? "quiet"]
      } ${own.small === true ? "h-7 px-2 text-sm" : "h-8 px-3 text-base"} ${own.class ?? ""}`}
    >
      <Show when={own.busy === true || own.icon !== undefined}>
        <Icon
          name={own.busy === true ? "loader" : own.icon!}
          class={`size-3.5 ${own.busy === true ? "spin" : ""}`}
        />
      </Show>
      {own.children}
    </button>
  );
}
