import type { HeatState } from "../../kit/heat.model.ts";
import type { NodeItem } from "../../data/types.ts";

/** How a node is now, in the letters of its history; as the Monitor maps them. */
export function heatStateOf(node: Pick<NodeItem, "state" | "problems">): HeatState {
  switch (node.state) {
    case "online":
      return "o";
    case "degraded":
      return node.problems.critical > 0 ? "c" : "w";
    case "late":
      return "l";
    case "offline":
      return "x";
    case "quarantined":
      return "q";
    default:
      return ".";
  }
}
