import { afterAll, describe, expect, test } from "bun:test";
import { kindOfAddress } from "./address.ts";
import { createFetch } from "./fetch.ts";

const seen: { url: string; headers: Headers; method: string; body: string }[] = [];
let otherPort = 0;
async function answer(request: Request): Promise<Response> {
  seen.push({
    url: request.url,
    headers: request.headers,
    method: request.method,
    body: await request.text(),
  });
  const url = new URL(request.url);
  const redirect = (location: string, status = 302) => new Response(null, { status, headers: { location } });
  switch (url.pathname) {
    case "/big":
      return new Response("x".repeat(200_000));
    case "/bomb":
      return new Response(Bun.gzipSync(new Uint8Array(2_000_000)), {
        headers: { "content-encoding": "gzip" },
      });
    case "/slow":
      return new Promise(() => undefined);
    case "/drip":
      return new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(10)) }));
    case "/to-file":
      return redirect("file:///etc/passwd");
    case "/to-metadata":
      return redirect("http://169.254.169.254/latest/");
    case "/loop":
      return redirect("/loop");
    case "/elsewhere":
      return redirect(`http://127.0.0.1:${otherPort}/arrived`);
    case "/posted":
      return redirect("/arrived", 303);
    default:
      return new Response("hello", {
        status: url.pathname === "/teapot" ? 418 : 200,
        headers: { "x-a": "b" },
      });
  }
}
const serve = () => Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
const [server, other] = [serve(), serve()];
otherPort = other.port!;
afterAll(() => void Promise.all([server.stop(true), other.stop(true)]));
const at = (path: string) => `http://127.0.0.1:${server.port}${path}`;
const fetch = createFetch();

test("any status is an answer, with headers and body", async () => {
  expect(await fetch(at("/teapot"))).toMatchObject({ status: 418, body: "hello", headers: { "x-a": "b" } });
  expect(await fetch(at("/"), { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
});

test("T83 only http and https are spoken, and no credentials ride in a URL", () => {
  for (const url of [
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "data:,x",
    "s3://bucket/x",
    "ftp://x/",
    "nonsense",
  ])
    expect(fetch(url)).rejects.toMatchObject({ code: "fetch.refused" });
  expect(fetch("http://user:secret@127.0.0.1/")).rejects.toMatchObject({
    code: "fetch.refused",
    message: expect.not.stringContaining("secret"),
  });
});

describe("metadata addresses", () => {
  test("are refused in every spelling", () => {
    for (const host of [
      "169.254.169.254",
      "2852039166",
      "0xa9fea9fe",
      "[::ffff:169.254.169.254]",
      "[fd00:ec2::254]",
    ])
      expect(fetch(`http://${host}/latest/`)).rejects.toMatchObject({ code: "fetch.refused" });
  });

  test("are refused behind a name and behind a redirect", () => {
    const tricked = createFetch({ resolve: async () => ["127.0.0.1", "169.254.169.254"] });
    expect(tricked("http://innocent.test/")).rejects.toMatchObject({ code: "fetch.refused" });
    expect(fetch(at("/to-metadata"), { maxRedirects: 3 })).rejects.toMatchObject({ code: "fetch.refused" });
  });

  test("are told from ordinary private addresses", () => {
    for (const address of [
      "169.254.0.7",
      "64:ff9b::a9fe:a9fe",
      "2002:a9fe:a9fe::1",
      "::a9fe:a9fe",
      "100.100.100.200",
    ])
      expect(kindOfAddress(address)).toBe("metadata");
    for (const address of [
      "127.0.0.1",
      "10.0.0.1",
      "192.168.1.1",
      "::1",
      "fd00::1",
      "fe80::1%eth0",
      "8.8.8.8",
    ])
      expect(kindOfAddress(address)).not.toBe("metadata");
  });
});

test("the name is looked up once and the server still hears it", async () => {
  let lookups = 0;
  const named = createFetch({
    resolve: async () => {
      lookups += 1;
      return ["127.0.0.1"];
    },
  });
  await named(`http://shop.test:${server.port}/named`);
  expect(lookups).toBe(1);
  expect(seen.at(-1)!.headers.get("host")).toBe(`shop.test:${server.port}`);
});

test("a second address is tried when the first does not answer the door", async () => {
  const named = createFetch({ resolve: async () => ["127.0.0.2", "127.0.0.1"] });
  expect((await named(`http://shop.test:${server.port}/`)).status).toBe(200);
});

test("a redirect is an answer unless following it is asked for", async () => {
  expect((await fetch(at("/elsewhere"))).status).toBe(302);
  expect((await fetch(at("/loop"), { maxRedirects: 3 })).status).toBe(302);
  expect(fetch(at("/to-file"), { maxRedirects: 1 })).rejects.toMatchObject({ code: "fetch.refused" });
});

test("T84 custom headers never cross an origin", async () => {
  const result = await fetch(at("/elsewhere"), {
    maxRedirects: 1,
    headers: { "X-Api-Key": "k", Authorization: "a" },
  });
  expect(result.status).toBe(200);
  const arrived = seen.at(-1)!;
  expect(arrived.url).toContain(String(otherPort));
  expect([arrived.headers.get("x-api-key"), arrived.headers.get("authorization")]).toEqual([null, null]);
});

test("a POST that is redirected by 303 becomes a GET without a body", async () => {
  await fetch(at("/posted"), { method: "POST", body: "data", maxRedirects: 1 });
  expect(seen.at(-1)).toMatchObject({ method: "GET", body: "" });
});

test("T85 the body stops at the cap and compressed data is not inflated", async () => {
  expect((await fetch(at("/big"), { maxBytes: 1000 })).body.length).toBe(1000);
  expect((await fetch(at("/bomb"))).body.length).toBeLessThan(10_000);
  expect(seen.at(-1)!.headers.get("accept-encoding")).toBe("identity");
});

test("T85 a server that accepts and stays silent, or stops in the middle, runs into the time-out", () => {
  expect(fetch(at("/slow"), { timeoutMs: 80 })).rejects.toMatchObject({ code: "fetch.timeout" });
  expect(fetch(at("/drip"), { timeoutMs: 80 })).rejects.toMatchObject({ code: "fetch.timeout" });
});

test("an abort rejects with its reason", async () => {
  const stop = new AbortController();
  const running = fetch(at("/slow"), { signal: stop.signal });
  stop.abort(new Error("stopped"));
  expect(running).rejects.toThrow("stopped");
});

test("a refused connection and an unknown name fail with one plain sentence", () => {
  expect(fetch("http://127.0.0.1:1/")).rejects.toMatchObject({
    code: "fetch.failed",
    message: "127.0.0.1:1: connection refused",
  });
  const nameless = createFetch({ resolve: async () => [] });
  expect(nameless("http://nobody.test/")).rejects.toMatchObject({ code: "fetch.failed" });
});

test("T86 proxies of the environment are not used", async () => {
  const proxied: string[] = [];
  const proxy = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) => (proxied.push(url), new Response("by proxy")),
  });
  process.env["HTTP_PROXY"] = `http://127.0.0.1:${proxy.port}`;
  try {
    expect(await (await globalThis.fetch(at("/plain"))).text()).toBe("by proxy");
    expect((await fetch(at("/direct"))).body).toBe("hello");
  } finally {
    delete process.env["HTTP_PROXY"];
    await proxy.stop(true);
  }
  expect(proxied).toEqual([at("/plain")]);
});
