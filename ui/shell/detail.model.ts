/** The panel for details is part of the address: `?problem=ID` or `?intent=ID` on any screen. */

export type DetailKind = "problem" | "intent";
export interface Detail {
  kind: DetailKind;
  id: string;
}

type Query = Record<string, string | string[] | undefined>;

export function detailOf(query: Query): Detail | null {
  for (const kind of ["intent", "problem"] as const) {
    const id = query[kind];
    if (typeof id === "string" && id !== "") return { kind, id };
  }
  return null;
}

/** The same address with another detail, or none; filters stay. */
export function detailHref(search: string, detail: Detail | null): string {
  const params = new URLSearchParams(search);
  params.delete("problem");
  params.delete("intent");
  if (detail !== null) params.set(detail.kind, detail.id);
  const query = params.toString();
  return query === "" ? "" : `?${query}`;
}
