import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Result } from "cortex";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createRealHost } from "../../core/testing/real-host.ts";
import plugin from "./index.ts";

let server: ReturnType<typeof Bun.serve>;
beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/moved") return Response.redirect(new URL("/ready", request.url).href, 302);
      if (pathname === "/broken") return new Response("oops", { status: 503 });
      if (pathname === "/hangs") await Bun.sleep(2000);
      return new Response("all systems ready");
    },
  });
});
afterAll(() => server.stop(true));

async function look(path: string, config: object = {}): Promise<Result> {
  const { fetch, clock } = createRealHost();
  const ctx = createTestContext({ plugin, fetch, clock });
  const url = new URL(path, server.url).href;
  const { checks } = plugin.setup(ctx, plugin.config.parse({ url, ...config }));
  return (await runCheck(checks![0]!, ctx))[0] as Result;
}

test("a real server is asked, redirects included", async () => {
  expect(await look("/ready", { body_contains: "ready" })).toMatchObject({ status: "ok" });
  expect(await look("/moved", { body_contains: "ready" })).toMatchObject({ status: "ok" });
  expect(await look("/moved", { max_redirects: 0, status: 302 })).toMatchObject({ status: "ok" });
});

test("bad statuses, missing text, silence and a closed port are bad answers", async () => {
  expect(await look("/broken")).toMatchObject({ status: "critical" });
  expect(await look("/ready", { body_matches: "re.d[x-z]" })).toMatchObject({ status: "ok" });
  expect((await look("/ready", { body_matches: "^absent" })).summary).toContain(
    'nothing that matches "^absent"',
  );
  expect((await look("/ready", { body_contains: "absent" })).summary).toContain('without "absent"');
  expect((await look("/hangs", { request_timeout: "100ms" })).summary).toContain(
    "did not answer within 100 ms",
  );
  const closed = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const url = closed.url.href;
  await closed.stop(true);
  expect(await look(url)).toMatchObject({ status: "critical" });
  expect((await look(url)).summary).toContain("connection refused");
});
