import { expect, test } from "bun:test";
import { deciderContract, outcomeOf, sampleCase } from "../../core/testing/decider.contract.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createStandInClaude } from "../../core/testing/stand-in-claude.ts";
import { diskFolder } from "../../core/testing/test-folder.ts";
import { argvOf, createClaudeCli } from "./claude-cli.ts";
import { claudeCliConfig } from "./config.ts";
import plugin from "./index.ts";

const cli = createStandInClaude(diskFolder());

pluginContract(plugin);

const create = (model: string, change: object = {}) =>
  createClaudeCli(
    claudeCliConfig.parse({ program: cli.program, model, request_timeout: "5s", ...change }),
    cli.exec,
  );
const argument = (argv: readonly string[], name: string) => argv[argv.indexOf(name) + 1];

deciderContract({
  create,
  /** As the model sees it: the system prompt is an argument, the case is standard input. */
  sent: () =>
    cli
      .calls()
      .map(({ argv, stdin }) =>
        JSON.stringify({
          system: argument(argv, "--system-prompt"),
          messages: [{ role: "user", content: stdin }],
          ...(argument(argv, "--tools") === "" ? {} : { tools: argument(argv, "--tools") }),
        }),
      )
      .join("\n"),
  outcomes: {
    allow: "allow",
    human: "human",
    deny: "deny",
    unsure: "human",
    plain: "allow",
    old: "allow",
    "tool-ending": "allow",
    refusal: "decider.refused",
    truncated: "decider.truncated",
    "unknown-stop": "decider.nonsense",
    prose: "decider.nonsense",
    fenced: "decider.nonsense",
    empty: "decider.nonsense",
    "bad-enum": "decider.nonsense",
    "extra-field": "decider.nonsense",
    "wants-tool": "decider.nonsense",
    retries: "decider.nonsense",
    "no-result": "decider.nonsense",
    budget: "decider.spend_cap",
    execution: "decider.unavailable",
    "logged-out": "decider.unavailable",
    overloaded: "decider.unavailable",
    "two-results": "decider.unavailable",
    killed: "decider.unavailable",
    "unknown-option": "decider.unavailable",
  },
});

test("T79 nothing of a case is ever an argument, and the arguments take every tool and setting away", async () => {
  await outcomeOf(create("allow"));
  const { argv, stdin } = cli.calls().at(-1)!;
  expect(argv).toEqual(argvOf(claudeCliConfig.parse({ program: cli.program, model: "allow" })).slice(1));
  expect(argv.join(" ")).not.toContain(sampleCase.quotes[0]!.text);
  expect(JSON.parse(stdin)).toEqual(sampleCase);
  expect(argument(argv, "--tools")).toBe("");
  expect(argument(argv, "--setting-sources")).toBe("");
  for (const flag of ["--strict-mcp-config", "--no-session-persistence", "--disable-slash-commands"])
    expect(argv).toContain(flag);
});

test("a key is in the environment of the program and nowhere else, and nothing of ours is beside it", async () => {
  await outcomeOf(create("allow", { api_key: "sk-cli-test", home: "/nonexistent" }));
  const { argv, stdin, env } = cli.calls().at(-1)!;
  expect([...argv, stdin].join("\n")).not.toContain("sk-cli-test");
  const { ANTHROPIC_API_KEY: key, HOME: home } = env;
  expect([key, home]).toEqual(["sk-cli-test", "/nonexistent"]);
  const known = ["ANTHROPIC_API_KEY", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER"];
  expect(Object.keys(env).toSorted()).toEqual([...known, "HOME", "LANG", "PATH"]);
});

test("a program that does not end is killed at its time", async () => {
  expect(await outcomeOf(create("slow-headers", { request_timeout: "200ms" }))).toBe("decider.timeout");
});

test("a program that is not there leaves it to a person", async () => {
  expect(await outcomeOf(create("allow", { program: "/nonexistent/claude" }))).toBe("decider.unavailable");
});

test("what answered and what it cost is told; another model is named as what it is", async () => {
  const answer = await create("allow").ask(sampleCase, AbortSignal.timeout(5000));
  expect(answer).toMatchObject({ model: "allow", tokensIn: 1000, tokensOut: 80, costUsd: 0.0079 });
  const other = await create("other-model").ask(sampleCase, AbortSignal.timeout(5000));
  expect(other.model).toBe("somebody-else");
});

test("only a program called claude can be configured", () => {
  for (const program of ["/bin/sh", "claude;id", "./claude", "/opt/claude/run", "--claude"])
    expect(claudeCliConfig.safeParse({ program }).success).toBe(false);
  expect(claudeCliConfig.safeParse({ program: "/opt/node/bin/claude" }).success).toBe(true);
});
