import { expect, test } from "bun:test";
import { allUnits } from "./units.ts";

test("the units that are looked at are those that are shipped and those that grants write", () => {
  const units = allUnits();
  expect(units).toContain("config/systemd/cortex.service");
  expect(units.filter((path) => path.endsWith("/cortex-act-logrotate.service")).length).toBeGreaterThan(0);
});
