import { describe, expect, test } from "bun:test";
import { countsIn } from "./bootstrap/test.mjs";
import { programEnvironment } from "./bootstrap/start.mjs";

describe("the summary of a test run", () => {
  test("is read from bun's last block, colours and look-alikes aside", () => {
    const text = [
      " 9 fail",
      "Ran 9 tests across 1 file. [1.00ms]",
      "(pass) a",
      "\u001b[0m\u001b[32m 12 pass\u001b[0m",
      " \u001b[0m\u001b[33m2 skip\u001b[0m",
      " 1 todo",
      " 3 fail",
      " 40 expect() calls",
      "Ran 18 tests across 4 files. [1.20s]",
    ].join("\n");
    expect(countsIn(text)).toEqual({ passed: 12, failed: 3, skipped: 3 });
  });

  test("counts nothing for a run that died before it", () => {
    expect(countsIn(" 5 pass\nSegmentation fault\n")).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});

test("the started program inherits the person's environment, but nothing that steers a runtime", () => {
  const env = programEnvironment({
    HOME: "/home/a",
    CORTEX_SERVER_LISTEN: "127.0.0.1:1",
    API_KEY: "k",
    BUN_OPTIONS: "--preload x",
    BUN_BE_BUN: "1",
    NODE_OPTIONS: "-r x",
    LD_PRELOAD: "x.so",
    npm_config_registry: "r",
    PATH: `${import.meta.dir}/../node_modules/.bin:/usr/bin:/opt/npm/node-gyp-bin:/bin`,
  });
  expect(env).toEqual({
    HOME: "/home/a",
    CORTEX_SERVER_LISTEN: "127.0.0.1:1",
    API_KEY: "k",
    PATH: expect.stringContaining("/usr/bin:/bin"),
  });
});
