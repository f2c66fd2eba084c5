import { expect, test } from "bun:test";
import type { Log } from "cortex";
import { CortexError } from "../sdk/errors.ts";
import { errorResponse } from "./errors.ts";

function listeningLog() {
  const heard: string[] = [];
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: (message) => heard.push(`warn ${message}`),
    error: (message) => heard.push(`error ${message}`),
  };
  return { log, heard };
}

test("what can't be served now is in the log, whoever asks whether it is ready is only answered", async () => {
  const { log, heard } = listeningLog();
  const answer = errorResponse(new CortexError("http.not_ready", "unavailable", "starting"), "id-1", log);
  expect([answer.status, (await answer.json()).error.code]).toEqual([503, "http.not_ready"]);
  expect(heard).toEqual([]);
  expect(
    errorResponse(new CortexError("auth.no_method", "unavailable", "no plugin"), "id-2", log).status,
  ).toBe(503);
  expect(heard).toEqual(["warn a request could not be served"]);
});
