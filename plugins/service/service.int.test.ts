/** The whole plugin on this host: real processes, real sockets on loopback. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PluginHooks, ProcessIdentity, Repair, RepairRun, Result } from "cortex";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createFakeStore } from "../../core/testing/fake-ports.ts";
import { freePort } from "../../core/testing/free-port.ts";
import { createRealHost, until } from "../../core/testing/real-host.ts";
import { createTestProblem } from "../../core/testing/repair.contract.ts";
import { diskFolder } from "../../core/testing/test-folder.ts";
import service from "./index.ts";
import type { Stored } from "./service.state.ts";

const PYTHON = "/usr/bin/python3";
let services: string;
let port: number;
let stores: ReturnType<typeof createFakeStore>[];

beforeEach(async () => {
  services = diskFolder();
  port = await freePort();
  stores = [];
});

afterEach(() => {
  const { daemons } = createRealHost();
  for (const store of stores) {
    const identity = store.get<Stored>("process")?.running?.identity;
    if (identity) daemons.signal(identity, "SIGKILL");
  }
});

/** One life of Cortex: new ports and hooks, the same store and folder. */
function live(config: object, store = createFakeStore(), inFlight: string[] = []) {
  stores.push(store);
  const ctx = createTestContext({
    ...createRealHost(),
    plugin: service,
    instance: "demo",
    store,
    paths: { services },
    inFlight,
  });
  const hooks: PluginHooks = service.setup(ctx, service.config.parse(config));
  const run: RepairRun = {
    signal: new AbortController().signal,
    log: ctx.log,
    intentId: crypto.randomUUID(),
  };
  return {
    ctx,
    hooks,
    run,
    store,
    check: async () => (await runCheck(hooks.checks![0]!, ctx))[0] as Result,
    repair: (name: string): Repair => hooks.repairs!.find((entry) => entry.name === name)!,
    identity: (): ProcessIdentity => store.get<Stored>("process")!.running!.identity,
    async act(name: string, type = "service.down") {
      const repair = this.repair(name);
      const problem = createTestProblem({ type, target: "demo", owner: "process:demo" });
      const params = await repair.resolve(problem, run);
      expect((await repair.preconditions!(params, run)).filter((one) => !one.ok)).toEqual([]);
      return repair.apply(params, await repair.plan(params, run), run);
    },
  };
}

const webserver = () => ({ start: [PYTHON, "-m", "http.server", String(port), "--bind", "127.0.0.1"], port });
const stateOf = async (life: ReturnType<typeof live>) => {
  const { status, type, certain } = await life.check();
  return [status, type, certain].filter((value) => value !== undefined).join(" ");
};

describe("a declared web server", () => {
  test("is started, killed, seen at once, started again with proof, and adopted by the next life", async () => {
    const first = live(webserver());
    await first.hooks.start!();
    await until(async () => (await first.check()).summary.includes("listens"), "port open");
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);

    const before = first.identity();
    first.ctx.wakes.length = 0;
    process.kill(before.pid, "SIGKILL");
    await until(() => first.ctx.wakes.length > 0, "the end seen by event", 1000);
    const down = await first.check();
    expect(down).toMatchObject({ status: "critical", certain: true, owner: "process:demo" });
    expect(down.summary).toContain("was ended by SIGKILL");

    expect(await first.act("service.start")).toMatchObject({ ok: true });
    expect(first.identity().pid).not.toBe(before.pid);
    expect(
      await first.repair("service.start").verify!({ id: "demo" }, { summary: "", changes: [] }, first.run),
    ).toMatchObject({ ok: true });
    expect(await stateOf(first)).toBe("ok");
    expect(readFileSync(`/proc/${first.identity().pid}/environ`, "utf8")).toContain(
      `CORTEX_INTENT=${first.run.intentId}`,
    );
    await first.hooks.stop!();

    const second = live(webserver(), first.store);
    await second.hooks.start!();
    expect(second.ctx.notes).toEqual([]);
    expect(await stateOf(second)).toBe("ok");
    process.kill(second.identity().pid, "SIGKILL");
    await until(() => second.ctx.wakes.length > 0, "the end of an adopted process", 1000);
    expect(await stateOf(second)).toBe("critical true");
    await second.hooks.stop!();
  });

  test("an interrupted start is found by its intent and judged done", async () => {
    const first = live(webserver(), createFakeStore(), ["process:demo"]);
    await first.act("service.start");
    const { identity } = first.store.get<Stored>("process")!.running!;
    // What the store holds when Cortex is killed between the spawn and the next line.
    const store = createFakeStore({
      process: { starting: { intent: first.run.intentId }, running: null, ended: null, reloadedAt: null },
    });
    await first.hooks.stop!();
    const second = live(webserver(), store, ["process:demo"]);
    expect(
      await second.repair("service.start").probe!(
        { id: "demo" },
        { ...second.run, intentId: first.run.intentId },
      ),
    ).toBe("done");
    expect(second.identity()).toEqual(identity);
    await second.hooks.stop!();
  });

  test("a port held by a stranger is no fault that a start could mend", async () => {
    const stranger = Bun.serve({ hostname: "127.0.0.1", port, fetch: () => new Response("stranger") });
    const life = live(webserver());
    await life.hooks.start!();
    expect(life.ctx.notes).toEqual([]);
    const result = await life.check();
    expect(result).toMatchObject({ status: "critical", type: "service.port_taken" });
    expect(result.summary).toContain(`held by process ${process.pid}`);
    await stranger.stop(true);
    await until(async () => (await life.check()).type === undefined, "down again without the stranger");
    await life.hooks.stop!();
  });

  test("one that cannot bind dies with its last words in the outcome", async () => {
    const life = live({
      start: [PYTHON, "-c", "import sys; sys.exit('no such certificate: /etc/x.pem')"],
      port,
    });
    expect(await life.act("service.start")).toMatchObject({
      ok: false,
      summary: expect.stringMatching(
        /^demo exited with code 1 after \d+ms: no such certificate: \/etc\/x\.pem$/,
      ),
    });
    await life.hooks.stop!();
  });

  test("restart ends the old process and one that ignores the signal is killed", async () => {
    const script =
      "import signal,http.server as h; signal.signal(signal.SIGTERM, signal.SIG_IGN); " +
      `h.ThreadingHTTPServer(('127.0.0.1', ${port}), h.SimpleHTTPRequestHandler).serve_forever()`;
    const life = live({ start: [PYTHON, "-c", script], port, stop_timeout: "300ms" });
    await life.hooks.start!();
    await until(async () => (await life.check()).summary.includes("listens"), "port open");
    const before = life.identity();
    expect(await life.act("service.restart", "service.unhealthy")).toMatchObject({ ok: true });
    expect(life.ctx.daemons.alive(before)).toBe(false);
    expect(life.identity().pid).not.toBe(before.pid);
    await life.hooks.stop!();
  });

  test("a wrapper script that becomes the program is adopted by the next life", async () => {
    const { start } = webserver();
    const first = live({ start: ["/usr/bin/env", "-S", start.join(" ")], port });
    await first.act("service.start");
    expect(first.identity().exe).toContain("python3");
    await first.hooks.stop!();
    const second = live({ start: ["/usr/bin/env", "-S", start.join(" ")], port }, first.store);
    await second.hooks.start!();
    expect(second.ctx.notes).toEqual([]);
    expect(await stateOf(second)).toBe("ok");
    await second.hooks.stop!();
  });

  test("workers whose leader was killed are ended before the next start", async () => {
    const script =
      "import os,http.server as h; " +
      `s=h.HTTPServer(('127.0.0.1', ${port}), h.SimpleHTTPRequestHandler); os.fork(); s.serve_forever()`;
    const life = live({ start: [PYTHON, "-c", script], port });
    await life.hooks.start!();
    await until(async () => (await life.check()).summary.includes("listens"), "port open");
    const before = life.identity();
    process.kill(before.pid, "SIGKILL");
    await until(async () => (await stateOf(life)) === "critical true", "leader gone");
    expect((await life.check()).summary).toContain("still held by a process it left behind");
    expect(await life.act("service.start")).toMatchObject({ ok: true });
    expect(await stateOf(life)).toBe("ok");
    await life.hooks.stop!();
  });
});

describe.skipIf(createRealHost().exec.which("nginx") === null)("a declared nginx", () => {
  /** Everything inside the test's folder: no file of the host's nginx is touched. */
  function nginx(body: string): { start: string[]; port: number; reload_signal: string } {
    const file = join(services, "nginx.conf");
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${services}/${name};`,
    );
    writeFileSync(
      file,
      `user root; worker_processes 2; pid ${services}/nginx.pid; error_log ${services}/error.log; events {} ` +
        `http { access_log off; ${paths.join(" ")} ${body} }\n`,
    );
    return {
      start: ["/usr/sbin/nginx", "-e", `${services}/error.log`, "-c", file, "-g", "daemon off;"],
      port,
      reload_signal: "SIGHUP",
    };
  }
  const page = (text: string) => `server { listen 127.0.0.1:${port}; location / { return 200 "${text}"; } }`;
  const body = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();

  test("is started again after its master was killed and its workers kept the port", async () => {
    const life = live(nginx(page("one")));
    await life.hooks.start!();
    await until(async () => (await life.check()).summary.includes("listens"), "port open");
    process.kill(life.identity().pid, "SIGKILL");
    await until(async () => (await stateOf(life)) === "critical true", "master gone");
    expect((await life.check()).type).toBeUndefined();
    expect(await life.act("service.start")).toMatchObject({ ok: true });
    expect(await stateOf(life)).toBe("ok");
    expect(await body()).toBe("one");
    await life.hooks.stop!();
  });

  test("is not restarted with a broken file, and reads a good one on reload", async () => {
    const life = live(nginx(page("one")));
    await life.hooks.start!();
    await until(async () => (await life.check()).summary.includes("listens"), "port open");
    nginx("sevrer {}");
    const broken = await life.repair("service.restart").configTest!({ id: "demo" }, life.run);
    expect(broken).toMatchObject({
      ok: false,
      summary: expect.stringContaining('unknown directive "sevrer"'),
    });
    nginx(page("two"));
    expect(await life.repair("service.reload").configTest!({ id: "demo" }, life.run)).toMatchObject({
      ok: true,
    });
    expect(await life.act("service.reload", "http.probe")).toMatchObject({ ok: true });
    await until(async () => (await body()) === "two", "the new configuration");
    await life.hooks.stop!();
  });

  test("that was being started when Cortex was killed is found although it hides its environment", async () => {
    const config = nginx(page("one"));
    const first = live(config);
    await first.act("service.start");
    const identity = first.identity();
    await first.hooks.stop!();
    const store = createFakeStore({
      process: { starting: { intent: first.run.intentId }, running: null, ended: null, reloadedAt: null },
    });
    const second = live(config, store);
    expect(
      await second.repair("service.start").probe!(
        { id: "demo" },
        { ...second.run, intentId: first.run.intentId },
      ),
    ).toBe("done");
    expect(second.identity()).toEqual(identity);
    await second.hooks.stop!();
  });
});
