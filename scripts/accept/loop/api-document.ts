/** What the API says about itself: its OpenAPI document, its page, its metrics. Each judged by somebody else's program. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { chromium } from "playwright-core";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";

type Document = Record<string, unknown>;

async function validate(document: Document): Promise<Validator> {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  ensure(valid, `not valid: ${JSON.stringify(errors ?? "").slice(0, 300)}`);
  return validator;
}

interface Operation {
  operationId?: string;
  summary?: string;
  responses?: Record<string, unknown>;
}

const document: Scenario = {
  name: "openapi-document",
  quick: true,
  async run(rig) {
    const cortex = await rig.cortex();
    const { json } = await cortex.api<{ openapi: string; paths: Record<string, Record<string, Operation>> }>(
      "GET",
      "/swagger/json",
    );
    ensure(json.openapi.startsWith("3.1"), `OpenAPI ${json.openapi}, not 3.1`);
    const validator = await validate(json);
    validator.resolveRefs();
    const operations = Object.values(json.paths).flatMap((methods) => Object.values(methods));
    const ids = operations.map((one) => one.operationId);
    ensureEqual(new Set(ids).size, operations.length, "different operationIds");
    const mute = operations.find((one) => !one.operationId || !one.summary || !one.responses);
    ensure(mute === undefined, `${mute?.operationId} lacks an id, a summary or responses`);
    return `OpenAPI ${json.openapi} valid, ${operations.length} operations`;
  },
  /** The same document with one field misspelt is refused: the validator does look. */
  async control(rig) {
    const cortex = await rig.cortex();
    const { text } = await cortex.api("GET", "/swagger/json");
    await validate(JSON.parse(text.replace('"info"', '"inf"')) as Document);
    return "valid";
  },
};

const check = async (rig: Rig, text: string) => {
  const ran = await rig.run(["/usr/bin/promtool", "check", "metrics"], { stdin: text });
  ensureEqual([ran.code, ran.stderr.trim(), ran.stdout.trim()], [0, "", ""], "promtool check metrics");
};

async function metricsOf(cortex: Cortex): Promise<string> {
  const { status, text, headers } = await cortex.api("GET", "/metrics", undefined, {
    key: await cortex.key("viewer"),
  });
  ensureEqual(status, 200, "GET /metrics");
  ensure(headers.get("content-type")?.startsWith("text/plain; version=0.0.4"), "another content type");
  return text;
}

const metrics: Scenario = {
  name: "metrics-text",
  quick: true,
  needs: ["prometheus"],
  async run(rig) {
    const cortex = await rig.cortex({ config: { link: { report: "1s" } } });
    await cortex.api("POST", "intents", { kind: "note", summary: "so that a counter moves" });
    const text = await metricsOf(cortex);
    await check(rig, text);
    const families = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!);
    for (const wanted of ["cortex_build_info", "cortex_nodes", "process_start_time_seconds"])
      ensure(families.includes(wanted), `${wanted} is missing`);
    return `promtool accepts ${families.length} families`;
  },
  async control(rig) {
    const cortex = await rig.cortex();
    const text = await metricsOf(cortex);
    await check(rig, text.replace("# TYPE cortex_nodes gauge", "# TYPE cortex_nodes counter"));
    return "promtool accepts it";
  },
};

/** The page in a browser: everything it loads, and what it shows. */
async function swagger(rig: Rig, originOf: (cortex: Cortex) => string): Promise<string> {
  const cortex = await rig.cortex({ config: { server: { request_rate: 1000 } } });
  const key = await cortex.key("viewer");
  const { text, headers } = await cortex.api("GET", "/swagger", undefined, { key });
  const policy = headers.get("content-security-policy") ?? "";
  ensure(policy.includes("default-src 'none'"), "the page has no strict policy");
  ensure(!/https?:|\*/.test(policy), `the policy lets foreign origins in: ${policy}`);
  ensure(!/(?:src|href)="(?!\/swagger\/)/.test(text), "the page names a file elsewhere");

  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
  rig.atEnd(() => browser.close());
  const page = await browser.newPage({ extraHTTPHeaders: { authorization: `Bearer ${key}` } });
  const loaded: string[] = [];
  const faults: string[] = [];
  page.on("request", (request) => loaded.push(request.url()));
  page.on("pageerror", (error) => faults.push(error.message));
  // What could not be loaded is judged by its answer below, and a browser asks by itself for an icon.
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load"))
      faults.push(message.text());
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.url().endsWith("/favicon.ico"))
      faults.push(`${response.status()} ${response.url()}`);
  });
  const origin = originOf(cortex);
  await page.goto(`${origin}/swagger`);
  await page.waitForSelector(".opblock", { timeout: 60_000 });
  const shown = await page.locator(".opblock").count();

  const foreign = loaded.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith("data:"));
  ensureEqual(foreign, [], "requests to foreign origins");
  ensureEqual(faults, [], "errors of the page");
  const { json } = await cortex.api<{ paths: Record<string, object> }>("GET", "/swagger/json");
  const documented = Object.values(json.paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
  ensureEqual(shown, documented, "operations on the page");
  return `${shown} operations shown, ${loaded.length} requests, none to a foreign origin`;
}

const page: Scenario = {
  name: "swagger-page",
  quick: true,
  timeoutMs: 150_000,
  needs: ["chromium"],
  run: (rig) => swagger(rig, (cortex) => cortex.url),
  /** The same page from a server that adds an image of another origin, as pages with a CDN do. */
  control: (rig) =>
    swagger(rig, (cortex) => {
      const proxy = Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        async fetch(request) {
          const { pathname } = new URL(request.url);
          const answer = await fetch(`${cortex.url}${pathname}`, {
            headers: { authorization: request.headers.get("authorization") ?? "" },
          });
          const type = answer.headers.get("content-type") ?? "";
          const body = type.startsWith("text/html")
            ? (await answer.text()).replace("<body>", "<body><img src='http://cdn.invalid/x.png'>")
            : await answer.blob();
          return new Response(body, { status: answer.status, headers: { "content-type": type } });
        },
      });
      rig.atEnd(() => proxy.stop(true));
      return `http://127.0.0.1:${proxy.port}`;
    }),
};

export default [document, metrics, page];
