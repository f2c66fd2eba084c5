import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Check, PluginDefinition, Repair } from "cortex";
import * as z from "zod";
import { testFolder } from "../core/testing/test-folder.ts";
import { staleFiles, writeFiles } from "./gen/files.ts";
import { generateIcons } from "./gen/icons.ts";
import { time } from "./gen/markdown.ts";
import { registryFile } from "./gen/registry.ts";
import { configProblems } from "./plugins/config.ts";
import { fileProblems, readmeProblems } from "./plugins/files.ts";
import { type LoadedPlugin, nameProblems } from "./plugins/load.ts";

let tree: string;
beforeEach(() => {
  tree = testFolder();
});

function put(path: string, text = ""): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

const definition = (name: string, config: z.ZodType = z.strictObject({})): PluginDefinition => ({
  name,
  version: "1.0.0",
  sdk: 1,
  summary: "For tests.",
  config,
  modes: ["agent"],
  capabilities: [],
  setup: () => ({}),
});

describe("the registry", () => {
  test("holds one import per folder with an index.ts, in order, `common` aside", async () => {
    for (const name of ["zfs", "disk-health", "process", "common"]) put(`plugins/${name}/index.ts`);
    put("plugins/half-done/notes.ts");
    const { content } = await registryFile(tree);
    expect([...content.matchAll(/^import (\w+) from "(.+)";$/gm)].map((match) => match.slice(1))).toEqual([
      ["diskHealthPlugin", "./disk-health/index.ts"],
      ["processPlugin", "./process/index.ts"],
      ["zfsPlugin", "./zfs/index.ts"],
    ]);
    expect(content).toContain("= [diskHealthPlugin, processPlugin, zfsPlugin];");
  });

  test("refuses a folder whose name is not kebab-case, and needs no plugin at all", async () => {
    expect((await registryFile(tree)).content).toContain("PluginDefinition[] = [];");
    put("plugins/DiskHealth/index.ts");
    await expect(registryFile(tree)).rejects.toThrow("plugins/DiskHealth");
  });
});

test("generated files are formatted, written when they differ, and then fresh", async () => {
  const file = { path: "docs/a.ts", content: "export const a   =  1" };
  expect((await staleFiles([file], tree)).length).toBe(1);
  expect(await writeFiles([file], tree)).toEqual(["docs/a.ts"]);
  expect(readFileSync(join(tree, "docs/a.ts"), "utf8")).toBe("export const a = 1;\n");
  expect(await staleFiles([file], tree)).toEqual([]);
  expect(await writeFiles([file], tree)).toEqual([]);
  put("docs/a.ts", "export const a = 2;\n");
  expect((await staleFiles([file], tree)).map((stale) => stale.path)).toEqual(["docs/a.ts"]);
});

test("names must be those of their folders, well-formed, and owned once", () => {
  const plugin = (folder: string, name: string, checks: string[], repairs: string[]): LoadedPlugin => ({
    folder,
    definition: definition(name),
    hooks: {
      checks: checks.map((check) => ({ name: check }) as Check),
      repairs: repairs.map((repair) => ({ name: repair }) as Repair),
    },
  });
  expect(nameProblems([plugin("disk", "disk", ["fs_space"], ["fs.clean"])])).toEqual([]);
  const problems = nameProblems([
    plugin("disk", "disk", ["fs_space"], ["fs.clean"]),
    plugin("space", "spaces", ["fs_space", "Fs-Free"], ["fs.clean", "clean"]),
  ]);
  expect(problems.join("\n")).toMatch(/plugins\/space: its name is "spaces"/);
  expect(problems.join("\n")).toMatch(/check "fs_space" is already owned by plugins\/disk/);
  expect(problems.join("\n")).toMatch(/check "Fs-Free" must look like/);
  expect(problems.join("\n")).toMatch(/repair "fs\.clean" is already owned by plugins\/disk/);
  expect(problems.join("\n")).toMatch(/repair "clean" must look like/);
  expect(problems.length).toBe(5);
});

describe("a plugin's folder", () => {
  const README = [
    "# disk",
    "Watches disks.",
    "## Reads and changes\n\nNothing.",
    "## Required rights\n\nNone.",
    "## Options\n\nNone.",
    "## Checks\n\nOne.",
    "## Example\n\n```yaml\nplugins:\n```",
    "## Pitfalls\n\nNone.",
  ];
  const hooks = { checks: [{ name: "disk" } as Check] };

  test("is complete with code, test, sample and a README of the fixed headings", () => {
    for (const name of ["index.ts", "disk.test.ts", "sample.yaml"]) put(`plugins/disk/${name}`);
    put("plugins/disk/README.md", README.join("\n\n"));
    expect(fileProblems("disk", tree)).toEqual([]);
    expect(readmeProblems("disk", hooks, tree)).toEqual([]);
  });

  test("is refused with anything missing or too long", () => {
    put("plugins/disk/index.ts", "\n".repeat(500));
    expect(fileProblems("disk", tree)).toEqual([
      "plugins/disk: README.md is missing",
      "plugins/disk: sample.yaml is missing",
      "plugins/disk: disk.test.ts is missing",
      "plugins/disk: index.ts has 501 lines; more than 400 hide a second thing",
    ]);
  });

  test.each([
    ["without a sentence", README.toSpliced(1, 1), "must begin with"],
    ["without a heading", README.toSpliced(3, 1), 'lacks "## Required rights"'],
    ["without its checks", README.toSpliced(5, 1), 'lacks "## Checks"'],
    ["in another order", [...README.toSpliced(2, 1), README[2]!], "in this order"],
    ["with an empty section", README.toSpliced(4, 1, "## Options"), 'nothing below "## Options"'],
  ])("a README %s is refused", (_, parts, message) => {
    put("plugins/disk/README.md", parts.join("\n\n"));
    expect(readmeProblems("disk", hooks, tree).join("\n")).toContain(message);
  });

  test("config fields without a description, at any depth, and fields of the host are refused", () => {
    const config = z.strictObject({
      good: z.string().optional().describe("Good."),
      bare: z.string().optional(),
      interval: z.string().optional().describe("The host's."),
      list: z
        .array(z.strictObject({ inner: z.string() }))
        .optional()
        .describe("A list."),
    });
    expect(configProblems("disk", definition("disk", config))).toEqual([
      "plugins/disk: config field bare has no description (.describe)",
      "plugins/disk: config field list[].inner has no description (.describe)",
      "plugins/disk: config field interval is one that the host takes for itself",
    ]);
  });
});

test("times are written in the largest unit that leaves no rest", () => {
  expect([500, 1000, 60_000, 90_000, 120_000, 3_600_000, 86_400_000].map(time)).toEqual([
    "500 ms",
    "1 s",
    "60 s",
    "90 s",
    "2 min",
    "1 h",
    "1 d",
  ]);
});

describe("the icons' shapes", () => {
  test("are one path each, whatever Lucide draws them with", () => {
    const { content } = generateIcons({ ban: "ban", close: "x", pause: "pause" });
    expect(content).toContain('"close":"M18 6L6 18M6 6l12 12"');
    expect(content).toContain('"ban":"M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0zM4.929 4.929L19.07 19.071"');
    expect(content).toMatch(
      /"pause":"M15 3h3a1 1 0 0 1 1 1v16a1 1 0 0 1 -1 1h-3a1 1 0 0 1 -1 -1v-16a1 1 0 0 1 1 -1zM/,
    );
  });

  test("an icon that Lucide has under another name today is found", () => {
    expect(generateIcons({ question: "circle-help" }).content).toMatch(/"question":"M/);
  });

  test("one that does not exist is named", () => {
    expect(() => generateIcons({ lost: "no-such-icon" })).toThrow("Lucide has no icon no-such-icon");
  });
});
