/** Which rows of a long list are drawn, and how much room stands for the others. */

export interface View {
  /** How far the list has been scrolled past the top of the window, px; negative while it begins below. */
  top: number;
  /** Height of the window, px. */
  height: number;
  rowPx: number;
  count: number;
}

/** Rows drawn above and below, so that scrolling and moving by keys meet no empty place. */
const OVER = 2;
/** The window moves in steps: not every pixel makes and drops a row. */
const STEP = 4;

export function visibleRows({ top, height, rowPx, count }: View) {
  const first = Math.floor(top / rowPx / STEP) * STEP - OVER;
  const last = Math.ceil((top + height) / rowPx / STEP) * STEP + OVER;
  const from = Math.max(0, Math.min(count, first));
  const to = Math.max(from, Math.min(count, last));
  return { from, to, before: from * rowPx, after: (count - to) * rowPx };
}
