/** T01, T02: of two machines that come at once with one token exactly one gets in, two hundred times. */
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { request } from "node:http";
import { enrolBytes } from "../../../core/domain/signing.ts";
import { parseJoinString } from "../../../core/wire/join-string.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

interface Answer {
  status: number;
  json: Record<string, unknown>;
}

/** From an address of its own: failures are counted per address. */
function send(cortex: Cortex, from: string, method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const call = request(
      { host: "127.0.0.1", port: cortex.port, localAddress: from, method, path, headers, agent: false },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) as Record<string, unknown> });
        });
      },
    );
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function enrolment(cortex: Cortex, from: string, secret: string, name: string): Promise<object> {
  const nonce = randomBytes(32).toString("base64url");
  const { json } = await send(cortex, from, "GET", `/enrol/hello?nonce=${nonce}`);
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x as string, "base64url");
  const tokenHash = createHash("sha256").update(secret).digest("hex");
  const statement = enrolBytes({ nonce: String(json.nonce), monitorKey: String(json.key), tokenHash });
  return {
    token: secret,
    publicKey: raw.toString("base64"),
    nonce: json.nonce,
    signature: sign(null, statement, privateKey).toString("base64"),
    facts: { name, os: "Debian", arch: "x64", version: "1" },
  };
}

async function run(rig: Rig): Promise<string> {
  const rounds = rig.quick ? 50 : 200;
  const cortex = await rig.cortex({ config: { enrol: { max_pending: 1000 } } });
  const began = now();
  for (let round = 0; round < rounds; round += 1) {
    const made = await cortex.api<{ join: string }>("POST", "tokens", { url: cortex.url });
    ensureEqual(made.status, 201, "a token");
    const { secret } = parseJoinString(made.json.join)!;
    const from = `127.1.${1 + (round >> 7)}.${1 + (round & 127)}`;
    const both = await Promise.all(
      ["a", "b"].map((one) => enrolment(cortex, from, secret, `${one}-${round}`)),
    );
    const answers = await Promise.all(both.map((body) => send(cortex, from, "POST", "/enrol", body)));
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    ensureEqual(statuses, [201, 401], `round ${round}`);
  }
  const tookMs = now() - began;
  const { json } = await cortex.api<{ items: unknown[] }>("GET", "identities");
  ensureEqual(json.items.length, rounds, "nodes that got in");

  const refused = new Map<number, number>();
  const guess = (await enrolment(
    cortex,
    "127.2.0.1",
    randomBytes(32).toString("base64url"),
    "guess",
  )) as object;
  for (let n = 0; n < 1000; n += 1) {
    const token = randomBytes(32).toString("base64url");
    const { status } = await send(cortex, "127.2.0.1", "POST", "/enrol", { ...guess, token });
    refused.set(status, (refused.get(status) ?? 0) + 1);
  }
  ensure(!refused.has(201), "a guess got in");
  ensure((refused.get(429) ?? 0) > 900, `guessing is not held back: ${JSON.stringify([...refused])}`);
  return `${rounds} races, one winner each (${inTime(tookMs)}); 1,000 guesses: none in, ${refused.get(429)} held back`;
}

export default {
  name: "token-races",
  quick: true,
  timeoutMs: 240_000,
  threats: ["T01", "T02"],
  run,
} satisfies Scenario;
