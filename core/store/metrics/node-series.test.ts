import { expect, test } from "bun:test";
import { NodeSeries } from "./node-series.ts";

test("cells of more series than there is room for at first are put back as they were", () => {
  const series = new NodeSeries();
  const cell = (value: number) => ({ count: 1, min: value, max: value, sum: value, last: value });
  const ids = Array.from({ length: 100 }, (_, id) => id);
  for (const id of ids) series.put(id, cell(id));
  expect([...series.cells()]).toEqual(ids.map((id) => [id, cell(id)]));
});
