import { expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { createTestApi } from "../testing/test-api.ts";

const SCRIPT = "console.log('cortex');".repeat(200);
const assets = new Map([
  [
    "/index.html",
    { body: "<!doctype html><title>Cortex</title>", type: "text/html; charset=utf-8", hash: "i1" },
  ],
  ["/assets/app-1a2b.js", { body: SCRIPT, type: "text/javascript; charset=utf-8", hash: "a1" }],
  ["/favicon.svg", { body: "<svg/>", type: "image/svg+xml", hash: "f1" }],
]);

test("pages get the shell, files themselves, and what is neither gets 404", async () => {
  const api = createTestApi({ assets });
  for (const path of ["/", "/nodes/n_x", "/problems", "/login", "/setup", "/index.html"]) {
    const page = await api.send("GET", path);
    expect([path, page.status, page.text.includes("<title>Cortex")]).toEqual([path, 200, true]);
    expect(page.headers.get("cache-control")).toBe("no-cache");
  }
  expect((await api.send("GET", "/favicon.svg")).text).toBe("<svg/>");
  for (const path of [
    "/assets/none.js",
    "/favicon.ico",
    "/.env",
    "/api/v1/none",
    "/api",
    "/..%2f..%2fetc/passwd",
  ]) {
    const missing = await api.send("GET", path);
    expect([path, missing.status, missing.json?.error.code]).toEqual([path, 404, "http.not_found"]);
  }
  for (const folder of ["/assets", "/assets/", "/.git/", "/.git/config", "/api/v1/"])
    expect((await api.send("GET", folder)).text).not.toContain("app-1a2b.js");
  expect((await api.send("POST", "/", { body: {} })).status).toBe(404);
});

test("hashed files are kept for ever, and travel packed to those who can unpack", async () => {
  const api = createTestApi({ assets });
  const request = new Request("http://localhost/assets/app-1a2b.js", {
    headers: { "accept-encoding": "br, gzip" },
  });
  const packed = (await api.api.handle(request))!;
  expect(packed.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(packed.headers.get("vary")).toBe("accept-encoding");
  expect(gunzipSync(await packed.arrayBuffer()).toString()).toBe(SCRIPT);
  const plain = await api.send("GET", "/assets/app-1a2b.js");
  expect([plain.headers.get("content-encoding"), plain.text]).toEqual([null, SCRIPT]);
  const etag = plain.headers.get("etag")!;
  expect((await api.send("GET", "/assets/app-1a2b.js", { headers: { "if-none-match": etag } })).status).toBe(
    304,
  );
});

test("the setup page is gone once there is an admin", async () => {
  const api = createTestApi({ assets });
  expect((await api.send("GET", "/setup")).status).toBe(200);
  await api.setUp();
  for (const path of ["/setup", "/setup/", "/setup/again"])
    expect((await api.send("GET", path)).status).toBe(404);
});

test("without a built dashboard the API still works and pages say 404", async () => {
  const api = createTestApi();
  expect((await api.send("GET", "/")).status).toBe(404);
  expect((await api.send("GET", "/healthz")).status).toBe(200);
});
