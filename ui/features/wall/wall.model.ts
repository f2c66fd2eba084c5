/** How a fleet is laid out on a screen that nobody scrolls. Sizes in rem, which grow with the screen. */

export interface Room {
  width: number;
  height: number;
}

interface Form {
  name: "roomy" | "plain" | "tight";
  minWidth: number;
  height: number;
}

/** From the one that tells most to the one that takes least. */
const FORMS: readonly [Form, ...Form[]] = [
  { name: "roomy", minWidth: 18, height: 8.75 },
  { name: "plain", minWidth: 12, height: 3.75 },
  { name: "tight", minWidth: 9, height: 2.25 },
];
const GAP = 0.5;

export interface Layout {
  form: Form["name"];
  columns: number;
  /** How many of the nodes have a tile; one place is kept for saying how many have none. */
  shown: number;
}

/** The largest form in which all of them fit, else as many as the smallest has room for. */
export function layoutOf(count: number, { width, height }: Room): Layout {
  const fits = (form: Form): Layout & { places: number } => {
    const columns = Math.max(1, Math.floor((width + GAP) / (form.minWidth + GAP)));
    const rows = Math.max(1, Math.floor((height + GAP) / (form.height + GAP)));
    return { form: form.name, columns, shown: count, places: columns * rows };
  };
  const forms = FORMS.map(fits);
  const found = forms.find(({ places }) => count <= places) ?? {
    ...forms.at(-1)!,
    shown: Math.max(0, forms.at(-1)!.places - 1),
  };
  return { form: found.form, columns: found.columns, shown: found.shown };
}

/** How many rows of a list are shown; the last one says how many are not. */
export function rowsOf(count: number, height: number, rowHeight: number): number {
  const most = Math.max(1, Math.floor(height / rowHeight));
  return count <= most ? count : Math.max(0, most - 1);
}

/** Root size, px: what is read from a desk at 1,366 px is read from across the room on a larger screen. */
export const rootPx = (width: number): number => Math.min(48, Math.max(16, width / 96));

/** The domain that all names end with, from its dot on: on a wall it is said once too often. Empty for a single name. */
export function commonDomain(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined || second === undefined) return "";
  for (let dot = first.indexOf("."); dot > 0; dot = first.indexOf(".", dot + 1)) {
    const domain = first.slice(dot);
    if (names.every((name) => name.length > domain.length && name.endsWith(domain))) return domain;
  }
  return "";
}
