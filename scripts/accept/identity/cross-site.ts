/** What other people's pages can make a visitor's browser do to Cortex, and read from it: nothing. */
import type { BrowserContext, Page } from "playwright-core";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { sendRaw } from "../lib/raw-http.ts";
import type { Rig } from "../lib/rig.ts";
import { ADMIN, FACE_CONFIG, openFaces } from "../face/browser.ts";
import type { Scenario } from "../scenario.ts";
import { startNaiveProxy } from "./naive-proxy.ts";

/**
 * A page that attacks `target`. The form's one field is text/plain whose `=` falls into a string, so that its body is JSON
 * that switches repairs off; a form needs no script and no permission to be sent anywhere.
 */
const attackPage = (target: string) => `<!doctype html><title>kittens</title>
<iframe name="sink"></iframe>
<form id="plain" target="sink" method="post" enctype="text/plain" action="${target}/api/v1/settings/switch">
<input name='{"repairs":false,"node":"*","reason":"' value='"}'></form>
<form id="coded" target="sink" method="post" action="${target}/api/v1/auth/logout"><input name="a" value="b"></form>
<iframe name="frame" src="${target}/"></iframe>`;

/**
 * Pages of a stranger on 127.0.0.1, by a browser's reckoning the same site, whose cookies it sends along, and on
 * `localhost`, another one.
 */
function startAttacker(rig: Rig, target: string): string[] {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response(attackPage(target), { headers: { "content-type": "text/html" } }),
  });
  rig.atEnd(() => server.stop(true));
  return [`http://127.0.0.1:${server.port}/`, `http://localhost:${server.port}/`];
}

interface Loot {
  /** What scripts of the page could read. */
  read: string;
  /** Types of messages that came over the socket. */
  live: string[];
  /** The dashboard is shown within the page. */
  framed: boolean;
}

/** Everything at once, from a page that the victim has just opened. */
async function attack(page: Page, attacker: string, target: string): Promise<Loot> {
  await page.goto(attacker);
  for (const form of ["plain", "coded"]) {
    const sent = page.waitForResponse((answer) => answer.request().method() === "POST", { timeout: 5000 });
    await page.evaluate((id) => (document.querySelector(`#${id}`) as HTMLFormElement).submit(), form);
    await sent.catch(() => undefined);
  }
  const framed = await page
    .frameLocator('iframe[name="frame"]')
    .locator("#app")
    .count()
    .then((count) => count > 0)
    .catch(() => false);
  const { read, live } = await page.evaluate(async (at) => {
    const said: string[] = [];
    const readable = await fetch(`${at}/api/v1/settings`, { credentials: "include" }).then(
      (answer) => answer.text(),
      () => "",
    );
    await fetch(`${at}/api/v1/settings/switch`, {
      method: "POST",
      mode: "no-cors",
      credentials: "include",
      body: JSON.stringify({ repairs: false, node: "*", reason: "kittens" }),
    }).catch(() => undefined);
    await new Promise<void>((resolve) => {
      const socket = new WebSocket(`${at.replace("http", "ws")}/api/v1/live`);
      socket.addEventListener("open", () => socket.send(JSON.stringify({ subscribe: ["status"] })));
      socket.addEventListener("message", ({ data }) => {
        said.push(JSON.parse(String(data)).type as string);
        resolve();
      });
      socket.addEventListener("close", () => resolve());
      setTimeout(resolve, 3000);
    });
    return { read: readable, live: said };
  }, target);
  return { read, live, framed };
}

const repairsOf = async (cortex: Cortex) =>
  (await cortex.api<{ switch: string }>("GET", "settings")).json.switch;

async function ensureHarmless(rig: Rig, cortex: Cortex, target: string): Promise<string> {
  const faces = await openFaces(rig, cortex);
  const victim = await faces.face();
  await victim.open("/");
  ensureEqual(await repairsOf(cortex), "on", "the master switch before");
  const attackers = startAttacker(rig, target);
  for (const attacker of attackers) {
    const page = await victim.context.newPage();
    const loot = await attack(page, attacker, target);
    ensureEqual(await repairsOf(cortex), "on", `the master switch after ${attacker}`);
    ensureEqual(loot, { read: "", live: [], framed: false }, `what ${attacker} got`);
    await page.close();
  }
  ensureEqual(await sessionStatus(victim.context, cortex), 200, "the victim's session afterwards");
  return `${attackers.length} pages of strangers × 6 attacks in Chromium: no effect, nothing read`;
}

const sessionStatus = async (context: BrowserContext, cortex: Cortex) =>
  (await context.request.get(`${cortex.url}/api/v1/auth/session`)).status();

const ORIGINS: [origin: string | null, wanted: number][] = [
  ["http://evil.example", 403],
  ["null", 403],
  ["http://127.0.0.1:1", 403],
  ["http://localhost.evil.example", 403],
  [null, 403],
];

async function cookieOf(cortex: Cortex): Promise<string> {
  const answer = await fetch(`${cortex.url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: cortex.url },
    body: JSON.stringify(ADMIN),
  });
  const cookie = /__Host-cortex=[^;]+/.exec(answer.headers.get("set-cookie") ?? "")?.[0];
  ensure(cookie, `login answers ${answer.status} ${await answer.text()}`);
  return cookie;
}

/** What a browser would not send, but what decides whether the checks are where they should be. */
async function ensureDoors(cortex: Cortex): Promise<string> {
  const cookie = await cookieOf(cortex);
  const host = new URL(cortex.url).host;
  let tried = 0;
  const raw = async (lines: string[], wanted: number, what: string) => {
    const { statuses, text } = await sendRaw(cortex.port, `${lines.join("\r\n")}\r\n\r\n`, 300);
    ensureEqual(statuses[0], wanted, what);
    ensure(!/^access-control-/im.test(text), `${what}: lets other origins read`);
    tried += 1;
  };
  const upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
  const nonce = `Sec-WebSocket-Key: ${Buffer.from("0123456789abcdef").toString("base64")}`;
  const open = (...headers: string[]) => ["GET /api/v1/live HTTP/1.1", ...upgrade, nonce, ...headers];
  for (const [origin, wanted] of ORIGINS)
    await raw(
      open(`Host: ${host}`, `Cookie: ${cookie}`, ...(origin === null ? [] : [`Origin: ${origin}`])),
      wanted,
      `a socket with a session from the origin ${origin}`,
    );
  await raw(
    open(`Host: ${host}`, `Cookie: ${cookie}`, `Origin: ${cortex.url}`),
    101,
    "a socket of the dashboard",
  );
  const key = `Authorization: Bearer ${await cortex.key("viewer")}`;
  await raw(open(`Host: ${host}`, key), 101, "a program's socket without an origin");
  await raw(
    open(`Host: ${host}`, key, "Origin: http://evil.example"),
    403,
    "a key's socket from a foreign page",
  );
  for (const name of [
    "evil.example",
    "evil.example:80",
    `${host}.evil.example`,
    "127.0.0.1.nip.io",
    "0x7f000001",
  ]) {
    await raw(["GET / HTTP/1.1", `Host: ${name}`], 421, `the page under the name ${name}`);
    await raw(
      open(`Host: ${name}`, `Cookie: ${cookie}`, `Origin: http://${name}`),
      421,
      `a socket under ${name}`,
    );
  }
  for (const origin of ["http://evil.example", "null"]) {
    await raw(
      ["GET /api/v1/settings HTTP/1.1", `Host: ${host}`, `Cookie: ${cookie}`, `Origin: ${origin}`],
      200,
      `reading with the origin ${origin}`,
    );
    await raw(
      [
        "OPTIONS /api/v1/settings HTTP/1.1",
        `Host: ${host}`,
        `Origin: ${origin}`,
        "Access-Control-Request-Method: POST",
      ],
      405,
      `asking to write from ${origin}`,
    );
  }
  return `${tried} raw requests answered as they should be`;
}

const crossSite: Scenario = {
  name: "cross-site",
  quick: true,
  timeoutMs: 120_000,
  threats: ["T56", "T57", "T59", "T71", "T117"],
  async run(rig) {
    const cortex = await rig.cortex({ config: FACE_CONFIG });
    const pages = await ensureHarmless(rig, cortex, cortex.url);
    return `${pages}; ${await ensureDoors(cortex)}`;
  },
  /** The same pages against a proxy that makes every request look like the dashboard's own. */
  async control(rig) {
    const cortex = await rig.cortex({ config: FACE_CONFIG });
    return ensureHarmless(rig, cortex, `http://127.0.0.1:${startNaiveProxy(rig, cortex)}`);
  },
};

export default crossSite;
