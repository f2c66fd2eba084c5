/** The configuration test of a real nginx, where it is installed. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRealHost } from "../../core/testing/real-host.ts";
import { diskFolder } from "../../core/testing/test-folder.ts";
import { configTestOf, runConfigTest } from "./config-test.ts";

const { exec } = createRealHost();
const nginx = exec.which("nginx");
const folder = diskFolder();

function testOf(config: string) {
  const file = join(folder, "nginx.conf");
  writeFileSync(file, `pid ${folder}/nginx.pid;\nerror_log stderr;\nevents {}\n${config}\n`);
  return runConfigTest(exec, configTestOf({ argv: [nginx!, "-c", file, "-g", "daemon off;"] })!);
}

test.skipIf(nginx === null)("a good file passes", async () => {
  const result = await testOf("http { server { listen 127.0.0.1:1; } }");
  expect(result).toMatchObject({ ok: true });
});

test.skipIf(nginx === null)("a broken file is refused with the line that is wrong", async () => {
  const result = await testOf("http { sevrer { listen 127.0.0.1:1; } }");
  expect(result?.ok).toBe(false);
  expect(result?.summary).toContain(`unknown directive "sevrer" in ${folder}/nginx.conf:4`);
});
