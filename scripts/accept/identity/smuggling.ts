/** Requests that two servers in a row might read differently: each is refused, or read as the standard says. */
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { sendRaw } from "../lib/raw-http.ts";

interface Corpus {
  [what: string]: [bytes: string, statuses: number[][]];
}

const REFUSED = [[400], []];
const HEAD = "Content-Type: application/json";

/**
 * Bytes, and the answers that are right. What must never be is a second answer: the request hidden in the first one's body
 * would have been taken for one of its own. RFC 9112 6.3 says which of two lengths counts: none.
 */
function corpusFor(port: number): Corpus {
  const host = `Host: 127.0.0.1:${port}`;
  const hidden = `GET /healthz HTTP/1.1\r\n${host}\r\n\r\n`;
  const get = (...headers: string[]) =>
    `GET /healthz HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`;
  const post = (headers: string[], body: string) =>
    `POST /api/v1/auth/login HTTP/1.1\r\n${[host, HEAD, ...headers].map((line) => `${line}\r\n`).join("")}\r\n${body}`;
  const chunked = "Transfer-Encoding: chunked";
  const hides = `0\r\n\r\n${hidden}`;
  const length = `Content-Length: ${hidden.length}`;
  return {
    "an ordinary request": [get(host), [[200]]],
    "two different hosts": [get(host, "Host: evil.example"), [[421], [400]]],
    "two equal hosts": [get(host, host), [[421], [400]]],
    "a whole address with another host": [
      `GET http://127.0.0.1:${port}/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
      [[421]],
    ],
    TRACE: [`TRACE /healthz HTTP/1.1\r\n${host}\r\nCookie: secret=1\r\n\r\n`, [[405]]],
    "two requests in a row": [get(host) + get(host), [[200, 200]]],
    "a length and chunks": [post(["Content-Length: 5", chunked], hides), REFUSED],
    "chunks and a length": [post([chunked, "Content-Length: 5"], hides), REFUSED],
    "two lengths": [post(["Content-Length: 0", length], hidden), REFUSED],
    "a list of lengths": [post(["Content-Length: 2, 40"], `{}${hidden}`), REFUSED],
    "a length with a sign": [post(["Content-Length: +2"], `{}${hidden}`), REFUSED],
    "a negative length": [post(["Content-Length: -1"], hidden), REFUSED],
    "a length in hexadecimal": [post(["Content-Length: 0x2"], `{}${hidden}`), REFUSED],
    "a length beyond all": [post(["Content-Length: 99999999999"], "{}"), [[413]]],
    "an unknown encoding": [post(["Transfer-Encoding: xchunked"], hides), REFUSED],
    "a blank before the colon": [post(["Transfer-Encoding : chunked"], hides), REFUSED],
    "two encodings": [post([chunked, "Transfer-Encoding: identity"], hides), REFUSED],
    "an encoding that is none": [
      post(["Transfer-Encoding: identity", "Content-Length: 2"], `{}${hidden}`),
      REFUSED,
    ],
    "a chunk size that is none": [post([chunked], `zz\r\n{}\r\n${hides}`), REFUSED],
    "a chunk size beyond all": [post([chunked], `FFFFFFFFFFFFFFFFF\r\n{}\r\n${hides}`), REFUSED],
    "chunks with bare line feeds": [post([chunked], `2\n{}\n0\n\n${hidden}`), REFUSED],
    "a request in the trailer": [post([chunked], `2\r\n{}\r\n0\r\n${hidden}`), [[400, 400], [400]]],
    "a body of a GET": [`GET /healthz HTTP/1.1\r\n${host}\r\n${length}\r\n\r\n${hidden}`, [[200], [400]]],
    "a folded header": [get(host, "X-A: b\r\n c: d"), REFUSED],
    "bare line feeds": [`GET /healthz HTTP/1.1\n${host}\n\n`, [[505], [400]]],
    "a NUL in a header": [get(host, "X-A: b\0c"), REFUSED],
    "a blank before the host's colon": [get("Host : 127.0.0.1"), REFUSED],
    "no host": [get(), [[400]]],
    "no host in HTTP/1.0": ["GET /healthz HTTP/1.0\r\n\r\n", [[421], [400]]],
    "a path that looks like a host": [
      `GET //evil.example/api/v1/nodes HTTP/1.1\r\n${host}\r\n\r\n`,
      [[200], [404]],
    ],
    CONNECT: [`CONNECT 127.0.0.1:22 HTTP/1.1\r\n${host}\r\n\r\n`, [[405]]],
    PUT: [`PUT /healthz HTTP/1.1\r\n${host}\r\nContent-Length: 0\r\n\r\n`, [[405]]],
    "a method nobody knows": [`FOO /healthz HTTP/1.1\r\n${host}\r\n\r\n`, [[405], [400], []]],
    "a method by header": [
      `POST /healthz HTTP/1.1\r\n${host}\r\nX-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n\r\n`,
      [[404]],
    ],
    "HTTP/2 without asking": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [[400], [505]]],
    "a version nobody knows": [`GET /healthz HTTP/9.9\r\n${host}\r\n\r\n`, [[505]]],
    "100 KB of one header": [get(host, `X-A: ${"a".repeat(100_000)}`), [[431]]],
    "5,000 headers": [get(host, ...Array<string>(5000).fill("X-A: b")), [[431]]],
    "a compressed body": [post(["Content-Encoding: gzip", "Content-Length: 2"], "{}"), [[415]]],
    "a way out of the files": [`GET /../../etc/passwd HTTP/1.1\r\n${host}\r\n\r\n`, [[200], [404]]],
    "line breaks in the path": [
      `GET /healthz%0d%0aX-Injected:%201 HTTP/1.1\r\n${host}\r\n\r\n`,
      [[200], [404]],
    ],
  };
}

/** All of it against what listens on `port`; `cortex` is what must be unharmed afterwards. */
export async function ensureNotSmuggled(cortex: Cortex, port: number): Promise<string> {
  const cases = Object.entries(corpusFor(port));
  for (const [what, [bytes, right]] of cases) {
    const { statuses, text } = await sendRaw(port, bytes, 250);
    ensure(
      right.some((one) => one.join() === statuses.join()),
      `${what}: answered ${statuses.join(" and ") || "nothing"}, expected ${right.map((one) => one.join(" and ") || "nothing").join(" or ")}`,
    );
    ensure(
      !/secret=1|^x-injected|root:x:|at .*\.ts:\d/im.test(text),
      `${what}: the answer holds ${text.slice(0, 300)}`,
    );
    const next = await fetch(`${cortex.url}/healthz`);
    ensureEqual(next.status, 200, `an ordinary request after: ${what}`);
  }
  return `${cases.length} odd requests: no hidden one was run`;
}
