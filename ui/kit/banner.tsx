import type { JSX } from "solid-js";
import { Icon, type IconName } from "./icon.tsx";

/** Across the page: something that holds for everything below. */
export function Banner(props: {
  tone: "warn" | "idle";
  icon: IconName;
  class?: string;
  children: JSX.Element;
}) {
  return (
    <div
      role="status"
      class={`flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2 sm:px-6 ${props.class ?? ""}`}
      classList={{
        "bg-warn-soft text-warn": props.tone === "warn",
        "bg-raised text-muted": props.tone === "idle",
      }}
    >
      <Icon name={props.icon} class="size-3.5" />
      {props.children}
    </div>
  );
}
