import { expect, test } from "bun:test";
import { namedTests, scenariosIn, testsIn } from "./test-names.ts";

test("a test's name tells which threats it proves", () => {
  // Spelled so that this file is not itself taken for proof.
  const source = `
    CASE("T58 the setup door is dead after the first admin", () => {});
    CASE("T56, T59 another site's page can do nothing", () => {});
    CASE.each([1, 2])("T43 an option is no unit name: %s", () => {});
    GROUP("T101 a plugin that floods", () => { CASE("is ended", () => {}); });
    CASE("a T58 in the middle is prose", () => {});
    CASE(\`T22 a \${method} is refused\`, () => {});`
    .replaceAll("CASE", "test")
    .replaceAll("GROUP", "describe");
  expect(testsIn("a.test.ts", source).map(({ name, threats }) => [name.slice(0, 12), threats])).toEqual([
    ["T58 the setu", ["T58"]],
    ["T56, T59 ano", ["T56", "T59"]],
    ["T43 an optio", ["T43"]],
    ["T101 a plugi", ["T101"]],
    ["is ended", []],
    ["a T58 in the", []],
    ["T22 a ${meth", ["T22"]],
  ]);
});

test("scenarios count by their own names, not by those of the people and nodes in them", () => {
  const source = `const bob = { name: "bob", role: "viewer" };
    export default [{ name: "slow", quick: true, threats: ["T62"], run }, { name: "quiet", run }];`;
  expect(scenariosIn("a.ts", source)).toEqual([
    { file: "a.ts", name: "slow", threats: ["T62"] },
    { file: "a.ts", name: "quiet", threats: [] },
  ]);
});

test("the tests of this tree are found, scenarios included", () => {
  const found = namedTests();
  expect(found.length).toBeGreaterThan(1000);
  expect(found.some(({ file }) => file.startsWith("scripts/accept/loop/"))).toBe(true);
});
