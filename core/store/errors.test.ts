import { expect, test } from "bun:test";
import { isCortexError } from "cortex";
import { storeError } from "./errors.ts";

const told = (code: string) => {
  const error = storeError(Object.assign(new Error("said by SQLite"), { code }), "/data/agent.db");
  return isCortexError(error) ? error.code : null;
};

test("a disk without room for the shared memory beside a database is full, not broken", () => {
  expect(told("SQLITE_IOERR_SHMSIZE")).toBe("store.full");
  expect(told("SQLITE_FULL")).toBe("store.full");
  expect(told("SQLITE_IOERR_FSYNC")).toBe("store.io");
});
