import { expect, test } from "bun:test";
import { parse } from "yaml";
import { toYaml } from "./yaml.model.ts";

const config = {
  version: 1,
  node: { name: "web-1", labels: {}, tags: ["stateful", "yes"] },
  server: { listen: "127.0.0.1:7600", rate: 20, on: true, group: null },
  plugins: { service: [{ id: "a", start: ["/bin/x", "-y"], env: { "A B": "1" } }, { id: "no: #" }] },
};

test("it is readable", () => {
  expect(toYaml(config).trimStart()).toStartWith(
    'version: 1\nnode:\n  name: "web-1"\n  labels: {}\n  tags: ["stateful", "yes"]\n',
  );
});

test("it means what it was made of, whatever stands in the texts", () => {
  expect(parse(toYaml(config))).toEqual(config);
});
