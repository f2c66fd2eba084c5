import { expect, test } from "bun:test";
import { createTestClock } from "../../testing/test-clock.ts";
import { startLineProcess } from "./line-process.ts";

test("what waits in the pipe of a child that is killed is lost without a word", async () => {
  const lost: unknown[] = [];
  const onLost = (reason: unknown) => void lost.push(reason);
  process.on("unhandledRejection", onLost);
  try {
    const child = startLineProcess({
      argv: ["/bin/sh", "-c", "exec sleep 60"],
      clock: createTestClock(),
      onMessage: () => {},
      onStderr: () => {},
    });
    // More than a pipe holds, and it reads nothing.
    for (let number = 0; number < 5; number += 1) child.send({ text: "x".repeat(200_000) });
    child.kill("enough");
    expect(await child.ended).toBe("enough");
    child.send({ text: "too late" });
    await new Promise((resolve) => setTimeout(resolve, 0));
    await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    process.off("unhandledRejection", onLost);
  }
  expect(lost).toEqual([]);
});
