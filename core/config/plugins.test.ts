import { describe, expect, test } from "bun:test";
import { definePlugin, duration } from "cortex";
import type { CortexError, PluginDefinition } from "cortex";
import * as z from "zod";
import { createSecrets } from "../ports/secrets/secrets.ts";
import { changedSections, diffInstances } from "./diff.ts";
import { parseConfig } from "./load.ts";
import { clashingKeys, pathOfInstance } from "./plugins.ts";
import { configJsonSchema, configReference, exampleYaml } from "./reference.ts";
import { showConfig } from "./show.ts";

const plugin = <C>(name: string, config: z.ZodType<C>, needsConfig = false): PluginDefinition =>
  definePlugin({
    name,
    version: "1.0.0",
    sdk: 1,
    summary: `The plugin ${name}.`,
    config,
    needsConfig,
    modes: ["agent"],
    capabilities: [],
    setup: () => ({}),
  });

const definitions = [
  plugin(
    "disk",
    z.strictObject({
      warning: z.number().min(0).max(1).prefault(0.85).describe("Used share."),
      window: duration("6h").describe("Looked back on."),
    }),
  ),
  plugin(
    "http",
    z.strictObject({
      url: z.string().startsWith("http").describe("Where to."),
      token: z.string().optional().describe("Sent along."),
      headers: z.record(z.string(), z.string()).prefault({}).describe("More headers."),
    }),
    true,
  ),
];
const env = { HTTP_TOKEN: "t0ken-t0ken", CORTEX_LOG__LEVEL: "debug" };

function parse(text: string, variables: Record<string, string> = {}) {
  const secrets = createSecrets({ env });
  const loaded = parseConfig(text, { source: "c.yaml", env: variables, secrets, definitions });
  return { ...loaded, secrets };
}

function problems(text: string, variables: Record<string, string> = {}): string[] {
  try {
    parse(text, variables);
    return [];
  } catch (error) {
    return (error as CortexError).message.split("\n");
  }
}

const ids = (text: string) => parse(text).instances.map((one) => `${one.plugin}/${one.id}`);

describe("instances", () => {
  test("without an entry, a plugin has one default instance unless it needs a configuration", () => {
    expect(ids("")).toEqual(["disk/default"]);
    expect(parse("").instances[0]).toMatchObject({
      host: { id: "default", enabled: true },
      config: { warning: 0.85, window: 21_600_000 },
    });
  });

  test("a mapping is one instance, nothing after the colon is one with defaults, an empty list is none", () => {
    expect(ids("plugins:\n  disk: { warning: 0.5 }\n")).toEqual(["disk/default"]);
    expect(ids("plugins:\n  disk:\n")).toEqual(["disk/default"]);
    expect(ids("plugins:\n  disk: []\n")).toEqual([]);
  });

  test("a list has one instance per entry, each with the host's keys apart from the plugin's", () => {
    const { instances } = parse(`plugins:
  http:
    - { id: shop, url: "http://shop.test", interval: 10s, tags: [critical] }
    - { id: blog, url: "http://blog.test", token: "\${env:HTTP_TOKEN}" }
`);
    expect(instances.slice(1)).toEqual([
      {
        plugin: "http",
        id: "shop",
        host: { id: "shop", enabled: true, interval: 10_000, tags: ["critical"] },
        config: { url: "http://shop.test", headers: {} },
      },
      {
        plugin: "http",
        id: "blog",
        host: { id: "blog", enabled: true },
        config: { url: "http://blog.test", token: "t0ken-t0ken", headers: {} },
      },
    ]);
  });

  test("what is switched off stays known and may be incomplete", () => {
    const { instances } = parse("plugins:\n  http: { enabled: false }\n  disk: { enabled: false }\n");
    expect(instances.map((one) => one.host.enabled)).toEqual([false, false]);
  });

  test("the environment reaches into plugins, hyphens written as underscores", () => {
    const { instances } = parse("plugins:\n  http:\n    - { id: a, url: http://a.test }\n", {
      CORTEX_PLUGINS__DISK__WARNING: "0.5",
      CORTEX_PLUGINS__HTTP__0__URL: "http://b.test",
    });
    expect(instances.map((one) => one.config)).toMatchObject([{ warning: 0.5 }, { url: "http://b.test" }]);
  });
});

describe("problems", () => {
  test("of plugins are told beside those of core, also when the configuration says which plugins there are", () => {
    const seen: unknown[] = [];
    const parseBoth = () =>
      parseConfig("plugins_dir: /opt/own\nlog: { level: loud }\nplugins: { disk: { warning: 2 } }\n", {
        source: "c.yaml",
        env: {},
        secrets: createSecrets({ env: {} }),
        definitions(config) {
          seen.push(config.plugins_dir);
          return definitions;
        },
      });
    expect(parseBoth).toThrow(/:2:8 log\.level: [^]*:3:20 plugins\.disk\.warning: /);
    expect(seen).toEqual(["/opt/own"]);
  });

  test("of core and plugins come together, each at its place", () => {
    expect(
      problems(`log: { level: loud }
plugins:
  dsk: {}
  disk:
    warning: 2
    windw: 1h
    intervall: 5s
  http:
    - { id: a }
    - { id: a, url: http://a.test }
    - { url: ftp://x, confirm: soon }
`),
    ).toEqual([
      "c.yaml:1:8 log.level: must be one of debug, info, warning, error",
      'c.yaml:3:3 plugins.dsk: unknown plugin "dsk"; did you mean "disk"?',
      "c.yaml:5:5 plugins.disk.warning: must be at most 1",
      'c.yaml:6:5 plugins.disk.windw: unknown key "windw"; did you mean "window"?',
      'c.yaml:7:5 plugins.disk.intervall: unknown key "intervall"; did you mean "interval"?',
      "c.yaml:9:7 plugins.http[0].url: is required",
      'c.yaml:10:9 plugins.http[1].id: a second instance is called "a"; ids must differ',
      'c.yaml:11:9 plugins.http[2].url: must start with "http"',
      'c.yaml:11:23 plugins.http[2].confirm: must be a duration such as "30s", "5m" or "1h30m"',
    ]);
  });

  test("a list without ids says what to do", () => {
    expect(problems("plugins:\n  disk:\n    - {}\n    - { warning: 0.5 }\n")).toEqual([
      'c.yaml:4:7 plugins.disk[1].id: a second instance is called "default"; give each instance an id of its own',
    ]);
  });

  test("a wrong kind of entry is one problem", () => {
    const message = "must be a mapping of options, or a list of them with an id each";
    expect(problems("plugins:\n  disk: true\n")).toEqual([`c.yaml:2:3 plugins.disk: ${message}`]);
    expect(problems("plugins:\n  disk: [1]\n")).toEqual([`c.yaml:2:3 plugins.disk: ${message}`]);
    expect(problems("plugins: 5\n")).toEqual(["c.yaml:1:1 plugins: must be a mapping, not a number"]);
  });

  test("a schema that throws is a problem and not a crash", () => {
    const careless = plugin(
      "careless",
      z.strictObject({
        argv: z
          .array(z.string())
          .min(1)
          .refine((words) => words[0]!.startsWith("/")),
      }),
      true,
    );
    expect(() =>
      parseConfig("plugins:\n  careless: { argv: [] }\n", {
        source: "c.yaml",
        env: {},
        secrets: createSecrets({ env: {} }),
        definitions: [careless],
      }),
    ).toThrow(expect.objectContaining({ code: "config.invalid" }));
  });

  test("a plugin that takes one of the host's keys is found out", () => {
    expect(clashingKeys(plugin("x", z.strictObject({ timeout: duration("1s"), url: z.string() })))).toEqual([
      "timeout",
    ]);
  });
});

describe("show", () => {
  const text = `server: { listen: "127.0.0.1:1" }
plugins:
  http:
    - { id: a, url: "http://a.test", token: "\${env:HTTP_TOKEN}" }
    - { id: b, url: "http://b.test/t0ken-t0ken", token: in-plain-text }
`;

  test("T52 has every default and no secret", () => {
    const loaded = parse(text);
    const effective = showConfig(loaded).value;
    expect(effective).toMatchObject({
      server: { listen: "127.0.0.1:1", session_idle: "30m" },
      plugins: {
        disk: { warning: 0.85, window: "6h", enabled: true },
        http: [
          { id: "a", token: "${env:HTTP_TOKEN}", headers: {} },
          { id: "b", url: "http://b.test/[redacted]", token: "[redacted]" },
        ],
      },
    });
    expect(JSON.stringify(effective)).not.toContain("t0ken-t0ken");
  });

  test("written back, it is the same configuration", () => {
    const loaded = parse("engine: { tick: 2s }\nplugins:\n  http: { url: http://a.test }\n");
    const again = parse(showConfig(loaded).yaml);
    expect(again.config).toEqual({ ...loaded.config, plugins: again.config.plugins });
    expect(again.instances).toEqual(loaded.instances);
  });
});

describe("a reload", () => {
  test("names what is added, removed and changed, per instance", () => {
    const before = parse(
      "plugins:\n  http:\n    - { id: a, url: http://a.test }\n    - { id: b, url: http://b.test }\n",
    );
    const after = parse(
      "plugins:\n  http:\n    - { id: b, url: http://b2.test }\n    - { id: c, url: http://c.test }\n",
    );
    const diff = diffInstances(before.instances, after.instances);
    expect(diff.added.map((one) => one.id)).toEqual(["c"]);
    expect(diff.removed.map((one) => one.id)).toEqual(["a"]);
    expect(diff.changed.map(({ before: old, after: now }) => [old.id, now.id])).toEqual([["b", "b"]]);
    expect(diff.unchanged.map((one) => one.plugin)).toEqual(["disk"]);
  });

  test("names the sections that differ", () => {
    const before = parse("").config;
    expect(changedSections(before, parse("log: { level: debug }\nplugins: { disk: {} }\n").config)).toEqual([
      "log",
    ]);
    expect(changedSections(before, parse("data_dir: /srv\n").config)).toEqual(["data_dir"]);
    expect(changedSections(before, parse("engine: { tick: 1000ms }\n").config)).toEqual([]);
  });
});

describe("generated documents", () => {
  const example = exampleYaml(definitions);

  test("the example changes nothing as it stands, and has every default when its keys are uncommented", () => {
    const defaults = parse("");
    expect(parse(example)).toMatchObject({ config: defaults.config, instances: defaults.instances });
    const uncommented = parse(example.replace(/^( *)#(?! )/gm, "$1"));
    expect({ ...uncommented.config, plugins: {} }).toEqual(defaults.config);
    expect(uncommented.instances).toEqual(defaults.instances);
  });

  test("the reference has every key with default and meaning", () => {
    const reference = configReference(definitions);
    expect(reference).toContain('| `engine.tick` | string | `"1s"` |');
    expect(reference).toContain("| `policy.rules[].owner` |");
    expect(reference).toContain("| `warning` | number | `0.85` | Used share. |");
    expect(reference).toContain("Runs only when it is configured.");
  });

  test("the JSON schema knows the plugins and their instances' keys, and nothing else", () => {
    const schema = configJsonSchema(definitions) as unknown as {
      properties: {
        plugins: { properties: Record<string, { anyOf: object[] }>; additionalProperties: boolean };
      };
    };
    const { plugins } = schema.properties;
    expect(Object.keys(plugins.properties)).toEqual(["disk", "http"]);
    expect(plugins.additionalProperties).toBe(false);
    expect(plugins.properties["http"]!.anyOf[0]).toMatchObject({
      type: "object",
      required: ["url"],
      additionalProperties: false,
      properties: {
        url: { description: "Where to." },
        interval: { description: "How often its checks run." },
      },
    });
  });
});

test("the place of an instance is its section, or its item of the list", () => {
  const source = { plugins: { one: { limit: 1 }, many: [{ id: "a" }, { limit: 2 }, null] } };
  expect(pathOfInstance(source, { plugin: "one", id: "default" })).toEqual(["plugins", "one"]);
  expect(pathOfInstance(source, { plugin: "many", id: "a" })).toEqual(["plugins", "many", 0]);
  expect(pathOfInstance(source, { plugin: "many", id: "default" })).toEqual(["plugins", "many", 1]);
  expect(pathOfInstance({}, { plugin: "none", id: "x" })).toEqual(["plugins", "none"]);
});
