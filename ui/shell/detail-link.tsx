import { useLocation } from "@solidjs/router";
import type { JSX } from "solid-js";
import { detailHref, type Detail } from "./detail.model.ts";

/** Opens a problem or an intent in the panel, over the screen as it is. */
export function DetailLink(props: { to: Detail; class?: string; children: JSX.Element }) {
  const location = useLocation();
  return (
    <a noScroll href={detailHref(location.search, props.to)} class={props.class}>
      {props.children}
    </a>
  );
}
