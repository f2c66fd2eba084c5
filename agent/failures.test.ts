import { expect, test } from "bun:test";
import { join } from "node:path";

const PROGRAM = `
  import { surviveFailures } from "${join(import.meta.dir, "failures.ts")}";
  surviveFailures({ error: (_message, fields) => process.stdout.write(fields.what + ": " + fields.reason + "\\n") });
  void Promise.reject(new Error("forgotten"));
  setTimeout(() => { throw new Error("in a timer"); }, 1);
  setTimeout(() => process.stdout.write("still here\\n"), 20);
`;

test("a forgotten promise and a timer that throws are told, and end nothing", async () => {
  const child = Bun.spawn([process.execPath, "-e", PROGRAM], { stdout: "pipe", stderr: "inherit" });
  const said = await new Response(child.stdout).text();
  expect(said.trim().split("\n")).toEqual(["rejection: forgotten", "exception: in a timer", "still here"]);
  expect(await child.exited).toBe(0);
});
