import { expect, test } from "bun:test";
import { fleetAt } from "../../testing/fixtures.ts";
import { filterOf, fitsFilter, isFiltering, serverFilter } from "./problem-filter.model.ts";

const { problems } = fleetAt(Date.UTC(2026, 10, 22, 12));
const find = (search: Parameters<typeof filterOf>[0]) =>
  problems.filter((problem) => fitsFilter(problem, filterOf(search))).map((problem) => problem.target);

test("severity, level and words filter together", () => {
  expect(find({ level: "L3" })).toEqual(["md0"]);
  expect(find({ severity: "warning" })).toEqual(["restic-nightly"]);
  expect(find({ q: "nginx web-3" })).toEqual(["nginx.service"]);
  expect(find({ q: "nginx db-1" })).toEqual([]);
});

test("an address that says nonsense filters nothing", () => {
  expect(isFiltering(filterOf({ severity: "awful", level: "L9", q: "  " }))).toBe(false);
  expect(find({ severity: "awful" })).toHaveLength(problems.length);
});

test("the server is asked for the longest word", () => {
  expect(serverFilter(filterOf({ q: "a nginx", level: "L1" }))).toEqual({ level: "L1", text: "nginx" });
});
