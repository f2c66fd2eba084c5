/** T83–T86: whatever a destination looks like, nothing inside is reached, nothing is carried along, and no answer is too large. */
import { gzipSync } from "node:zlib";
import { createOutside } from "../../../core/ports/network/egress.ts";
import { createFetch } from "../../../core/ports/network/fetch.ts";
import { ensure } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";

interface Answer {
  status: number;
  body: string;
}
type Client = (
  url: string,
  options?: { headers?: Record<string, string>; maxRedirects?: number },
) => Promise<Answer>;

const SECRET = "s3cret-of-the-webhook";
const MEGABYTE = 2 ** 20;
const BOMB_MB = 100;

/** Bun's own, as anybody would use it. */
const raw: Client = async (url, options = {}) => {
  const { headers } = options;
  const response = await fetch(url, { ...(headers && { headers }), signal: AbortSignal.timeout(3000) });
  return { status: response.status, body: await response.text() };
};

const inner = (port: number) =>
  [
    ...[
      "127.0.0.1",
      "127.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.0.0.1.",
      "①②⑦.⓪.⓪.①",
      "0",
      "0.0.0.0",
    ],
    ...["localhost", "LOCALHOST", "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"],
  ].map((host) => `http://${host}:${port}/`);

async function corpus(rig: Rig, client: (allow: string[]) => Client): Promise<string> {
  let hits = 0;
  const carried: string[] = [];
  const serve = (answer: (request: Request) => Response) => {
    const server = Bun.serve({ port: 0, hostname: "0.0.0.0", fetch: answer });
    rig.atEnd(() => server.stop(true));
    return server.port!;
  };
  const canary = serve((request) => {
    hits += 1;
    carried.push(...[...request.headers.values()].filter((value) => value.includes(SECRET)));
    return new Response("canary");
  });
  const bomb = gzipSync(new Uint8Array(BOMB_MB * MEGABYTE));
  const outside = serve(({ url }) => {
    const { pathname, searchParams } = new URL(url);
    if (pathname === "/bomb") return new Response(bomb, { headers: { "content-encoding": "gzip" } });
    return new Response(null, { status: 302, headers: { location: encodeURI(searchParams.get("to")!) } });
  });
  const strict = client([]);
  const tries = [
    ...inner(canary),
    ...["file:///proc/self/environ", "data:text/plain,canary", "s3://bucket/x"],
    ...["169.254.169.254", "100.100.100.200", "10.0.0.1", "192.168.0.1"].map(
      (host) => `http://${host}:${canary}/`,
    ),
  ];
  let answered = 0;
  for (const url of tries)
    answered += await strict(url).then(
      () => 1,
      () => 0,
    );
  // A destination that is allowed, and sends on.
  const lenient = client([`127.0.0.1:${outside}`]);
  const redirects = [...inner(canary), "file:///etc/passwd"];
  for (const to of redirects) {
    const url = `http://127.0.0.1:${outside}/?to=${encodeURIComponent(to)}`;
    await lenient(url, { headers: { "x-api-key": SECRET }, maxRedirects: 3 }).catch(() => undefined);
  }
  process.env.HTTP_PROXY = `http://127.0.0.1:${canary}`;
  try {
    await lenient(`http://127.0.0.1:${outside}/?to=x`).catch(() => undefined);
  } finally {
    delete process.env.HTTP_PROXY;
  }
  const before = process.memoryUsage.rss();
  const { body } = await lenient(`http://127.0.0.1:${outside}/bomb`);
  const grownMb = (process.memoryUsage.rss() - before) / MEGABYTE;
  ensure(hits === 0, `the listener inside was reached ${hits} times, with ${carried.length} secrets`);
  ensure(answered === 0, `${answered} of ${tries.length} destinations inside answered`);
  ensure(body.length <= 64 * 1024 * 3, `an answer of ${body.length} characters was taken`);
  ensure(grownMb < 20, `a bomb of ${BOMB_MB} MB took ${grownMb.toFixed(0)} MB of memory`);
  return `${tries.length} destinations and ${redirects.length} redirects: 0 hits; ${BOMB_MB} MB bomb took ${Math.max(0, grownMb).toFixed(0)} MB`;
}

const scenario: Scenario = {
  name: "egress-corpus",
  quick: true,
  threats: ["T83", "T84", "T85", "T86"],
  run: (rig) =>
    corpus(rig, (allow) => {
      const guarded = createFetch({ policy: createOutside(() => allow) });
      return (url, options) => guarded(url, { timeoutMs: 3000, ...options });
    }),
  control: (rig) => corpus(rig, () => raw),
};
export default scenario;
