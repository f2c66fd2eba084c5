/** The view that this browser starts with. */
import { createSignal } from "solid-js";
import { readFleetView, writeFleetView } from "../../lib/preferences.ts";
import { DEFAULT_VIEW, queryOf, viewOf, type FleetView, type ViewQuery } from "./fleet-view.model.ts";

function stored(): FleetView {
  try {
    const query: unknown = JSON.parse(readFleetView() ?? "{}");
    return typeof query === "object" && query !== null ? viewOf(query as ViewQuery) : DEFAULT_VIEW;
  } catch {
    return DEFAULT_VIEW;
  }
}

const [keptView, setKeptView] = createSignal(stored());
export { keptView };

export function keepView(view: FleetView): void {
  writeFleetView(JSON.stringify(queryOf(view)));
  setKeptView(view);
}
