import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CortexError } from "cortex";
import fc from "fast-check";
import { createSecrets } from "../ports/secrets/secrets.ts";
import { testFolder } from "../testing/test-folder.ts";
import { loadConfig, parseConfig } from "./load.ts";
import { formatProblem } from "./problems.ts";
import type { ConfigProblem } from "./problems.ts";

const dir = testFolder();

function parse(text: string, env: Record<string, string> = {}) {
  return parseConfig(text, { source: "cortex.yaml", env, secrets: createSecrets({ env }) });
}

/** The lines a person would see. */
function problems(text: string, env: Record<string, string> = {}): string[] {
  try {
    parse(text, env);
    return [];
  } catch (error) {
    expect((error as CortexError).code).toBe("config.invalid");
    const list = (error as CortexError).details!["problems"] as ConfigProblem[];
    expect((error as CortexError).message).toBe(list.map(formatProblem).join("\n"));
    return list.map(formatProblem);
  }
}

describe("the file", () => {
  const load = (path: string, explicit: boolean) =>
    loadConfig({ path, explicit, env: {}, secrets: createSecrets({ env: {} }) });

  test("may be absent when nobody named it, and then everything has its default", () => {
    const loaded = load(join(dir, "absent.yaml"), false);
    expect(loaded.path).toBeNull();
    expect(loaded.config.engine.tick).toBe(1000);
    expect(loaded.config.policy.autonomy).toBe("act");
  });

  test("must exist when it was named", () => {
    const path = join(dir, "absent.yaml");
    expect(() => load(path, true)).toThrow(
      expect.objectContaining({ code: "config.not_found", message: expect.stringContaining(path) }),
    );
  });

  test("that can't be read is said to be so, also when it was not named", () => {
    expect(() => load(dir, false)).toThrow(expect.objectContaining({ code: "config.unreadable" }));
    const path = join(dir, "latin1.yaml");
    writeFileSync(path, Buffer.from([0x23, 0xe9, 0x0a]));
    expect(() => load(path, true)).toThrow(expect.objectContaining({ code: "config.unreadable" }));
    if (process.getuid?.() === 0) return;
    chmodSync(path, 0);
    expect(() => load(path, true)).toThrow("permission denied");
  });

  test("T105 that others could change is refused with what to run", () => {
    const path = join(dir, "open.yaml");
    writeFileSync(path, "version: 1\n", { mode: 0o600 });
    for (const mode of [0o666, 0o620, 0o602]) {
      chmodSync(path, mode);
      expect(() => load(path, true)).toThrow(
        expect.objectContaining({
          code: "config.unsafe",
          message: `others can write ${path}; run: chmod go-w ${path}`,
        }),
      );
    }
    chmodSync(path, 0o644);
    expect(load(path, true).path).toBe(path);
    if (process.getuid?.() !== 0) return;
    chownSync(path, 4711, 4711);
    expect(() => load(path, true)).toThrow(expect.objectContaining({ code: "config.unsafe" }));
  });

  test("empty, of comments alone, or with empty sections is valid", () => {
    for (const text of ["", "# nothing\n", "---\n", "server:\nlog:\n  # level: debug\n", "plugins:\n"])
      expect(parse(text).config).toEqual(parse("").config);
  });

  test("is read with durations, sizes and nested defaults", () => {
    const { config } = parse(
      "engine:\n  tick: 2s\nserver:\n  max_body: 2MiB\nnode:\n  labels: { env: prod }\n",
    );
    expect(config.engine.tick).toBe(2000);
    expect(config.engine.boot_grace).toBe(300_000);
    expect(config.server.max_body).toBe(2 * 2 ** 20);
    expect(config.node.labels).toEqual({ env: "prod" });
  });
});

describe("problems", () => {
  test("come all at once, in the order of the file, with line, column and key", () => {
    expect(
      problems(
        "enginee:\n  tick: 1s\nengine:\n  tick: soon\n  stale_after: 0\nserver:\n  listn: x\nversion: 2\n",
      ),
    ).toEqual([
      'cortex.yaml:1:1 enginee: unknown key "enginee"; did you mean "engine"?',
      'cortex.yaml:4:3 engine.tick: must be a duration such as "30s", "5m" or "1h30m"',
      "cortex.yaml:5:3 engine.stale_after: must be at least 1",
      'cortex.yaml:7:3 server.listn: unknown key "listn"; did you mean "listen"?',
      "cortex.yaml:8:1 version: must be 1",
    ]);
  });

  test("say what kind of value is wanted", () => {
    expect(problems("node:\n  tags: one\n")).toEqual(["cortex.yaml:2:3 node.tags: must be a list, not text"]);
    expect(problems("node:\n  tags: [one, 2]\n")).toEqual([
      "cortex.yaml:2:15 node.tags[1]: must be text, not a number",
    ]);
    expect(problems("server:\n  max_body: true\n")).toEqual([
      "cortex.yaml:2:3 server.max_body: must be text or a number, not true or false",
    ]);
    expect(problems("policy:\n  autonomy: maybe\n")).toEqual([
      "cortex.yaml:2:3 policy.autonomy: must be one of act, ask, observe",
    ]);
    expect(problems("engine: 5\n")).toEqual(["cortex.yaml:1:1 engine: must be a mapping, not a number"]);
    expect(problems("engine:\n  tick:\n")).toEqual([
      'cortex.yaml:2:3 engine.tick: must be a duration such as "30s", "5m" or "1h30m", not nothing',
    ]);
  });

  test("of a text with very many keys are found in a moment, the repeated key among them", () => {
    const many = Array.from({ length: 30_000 }, (_, at) => `key${at}: 1`).join("\n");
    expect(problems(`${many}\nkey7: 2\n`)).toEqual([
      "cortex.yaml:30001:1 this key is already set above; keep one of the two",
    ]);
  });

  test("of YAML itself have their place", () => {
    expect(problems("log:\n  level: info\n  level: debug\n")).toEqual([
      "cortex.yaml:3:3 this key is already set above; keep one of the two",
    ]);
    expect(problems("log:\n\tlevel: info\n")[0]).toStartWith("cortex.yaml:2:1 a tab can't indent YAML");
    expect(problems("log: {level: info\n")[0]).toMatch(/^cortex\.yaml:\d+:\d+ \S/);
    expect(problems("- a\n- b\n")).toEqual(['cortex.yaml:1:1 must be a mapping of keys, such as "log:"']);
    expect(problems("a: 1\n---\nb: 2\n")[0]).toContain("cortex.yaml:2:1");
  });

  test("of hostile documents are one plain sentence", () => {
    const lol = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"];
    for (let level = 1; level < 9; level += 1)
      lol.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(",")}]`,
      );
    expect(problems(lol.join("\n"))).toHaveLength(1);
    expect(problems("[".repeat(3000))).toHaveLength(5);
    expect(problems("- ".repeat(2000))).toEqual(["cortex.yaml:1:1 is nested deeper than 60 levels"]);
    expect(problems("a".repeat(2_000_000))[0]).toContain("larger than 1 MiB");
    expect(problems("x: *nowhere\n")).toHaveLength(1);
  });

  test("a key that would change a prototype is an unknown key", () => {
    expect(problems("__proto__:\n  polluted: true\n")).toEqual([
      'cortex.yaml:1:1 __proto__: unknown key "__proto__"',
    ]);
    expect(problems("", { CORTEX___PROTO____POLLUTED: "1" })).toHaveLength(1);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("the environment", () => {
  test("overrides single keys, in the type that the key wants", () => {
    const { config } = parse("server:\n  listen: 127.0.0.1:1\n  session_idle: 5m\n", {
      CORTEX_SERVER__LISTEN: "0.0.0.0:80",
      CORTEX_SERVER__ALLOWED_HOSTS: "[a.example, b.example]",
      CORTEX_SERVER__METRICS_ON_LOOPBACK: "true",
      CORTEX_ENGINE__STALE_AFTER: "5",
      CORTEX_SERVER__MAX_BODY: "1000",
      CORTEX_NODE__NAME: "007",
      CORTEX_NODE__GROUP: "42",
      CORTEX_NODE__LABELS__ENV: "prod",
      CORTEX_DATA_DIR: "/srv/cortex",
      CORTEX_LOG: "{ level: debug }",
    });
    expect(config.server).toMatchObject({
      listen: "0.0.0.0:80",
      allowed_hosts: ["a.example", "b.example"],
      metrics_on_loopback: true,
      max_body: 1000,
      session_idle: 300_000,
    });
    expect(config.engine.stale_after).toBe(5);
    expect(config.node).toMatchObject({ name: "007", group: "42", labels: { env: "prod" } });
    expect(config.data_dir).toBe("/srv/cortex");
    expect(config.log.level).toBe("debug");
  });

  test("mistakes in it are located there", () => {
    expect(
      problems("", { CORTEX_SERVER__LISTN: "x", CORTEX_ENGIN__TICK: "1s", CORTEX_ENGINE__TICK: "soon" }),
    ).toEqual([
      'environment variable CORTEX_ENGIN__TICK engin.tick: unknown key "engin"; did you mean "engine"?',
      'environment variable CORTEX_ENGINE__TICK engine.tick: must be a duration such as "30s", "5m" or "1h30m"',
      'environment variable CORTEX_SERVER__LISTN server.listn: unknown key "listn"; did you mean "listen"?',
    ]);
    expect(problems("server: 5\n", { CORTEX_SERVER__LISTEN: "x" })[0]).toContain("CORTEX_SERVER__LISTEN");
  });

  test("variables that are none of its keys are others' business", () => {
    expect(problems("", { CORTEX_INTENT: "x", CORTEX_WHATEVER: "1", OTHER__THING: "2" })).toEqual([]);
  });
});

describe("secret references", () => {
  test("are resolved in any value and located when they can't be", () => {
    const { config, source } = parse("node:\n  name: web-${env:REGION}\n  group: ${env:REGION}\n", {
      REGION: "eu",
    });
    expect(config.node).toMatchObject({ name: "web-eu", group: "eu" });
    expect(source).toEqual({ node: { name: "web-${env:REGION}", group: "${env:REGION}" } });
    expect(problems("engine:\n  tick: ${env:NOWHERE}\nnode:\n  name: ${file:/nonexistent/x}\n")).toEqual([
      "cortex.yaml:2:3 engine.tick: the environment variable NOWHERE is not set",
      "cortex.yaml:4:3 node.name: the secret's file /nonexistent/x does not exist",
    ]);
  });

  test("T52 a secret's value never appears in a message", () => {
    const [line] = problems("node:\n  labels: ${env:PW}\n  tags: []\nengine: {tick: '${env:PW}'}\n", {
      PW: "hunter2hunter2",
    });
    expect(line).toBeDefined();
    expect(line).not.toContain("hunter2");
  });
});

test("whatever text comes in, only configuration errors come out", () => {
  const fragment = fc.constantFrom(
    ..."server: |engine:|  tick: |  listen: |plugins:|- |[|]|{|}|, |\n|\n  |1s|&a |*a|!!js |\"|'|#|? |: |%|~|\t|${env:X}|<<: |null|\u0000|é|🦀".split(
      "|",
    ),
  );
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(fragment, { maxLength: 25 }).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(text, (input) => {
      for (const line of problems(input)) expect(line).toMatch(/^cortex\.yaml:\d+:\d+ \S[^\n]*$/);
    }),
    { numRuns: 250 },
  );
});
