/** Where a panel opens beside its button, px in the window. */

const GAP_PX = 6;
export const EDGE_PX = 8;
/** The bar at the top stays in sight where that is possible. */
const HEADER_PX = 48;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Below the button, above it, or to its left: the first place that holds all of it. Where none does it covers what it must. Its
 * right edge is the button's, as far as that leaves all of it in the window.
 */
export function placeBeside(
  button: Box,
  width: number,
  height: number,
  view: { width: number; height: number },
): { left: number; top: number } {
  const inside = (left: number) => Math.max(EDGE_PX, Math.min(left, view.width - width - EDGE_PX));
  const left = inside(button.right - width);
  const lowest = view.height - EDGE_PX - height;
  const below = button.bottom + GAP_PX;
  if (below <= lowest) return { left, top: below };
  const above = button.top - GAP_PX - height;
  if (above >= HEADER_PX) return { left, top: above };
  const beside = button.left - GAP_PX - width;
  return { left: beside >= EDGE_PX ? beside : left, top: Math.max(EDGE_PX, Math.min(below, lowest)) };
}
