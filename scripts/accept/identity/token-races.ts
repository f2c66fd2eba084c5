/**
 * T01, T02: of two machines that come at once with one token exactly one gets in, two hundred times; and a thousand guesses
 * from one address are held back, whatever address they say they come from.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { request } from "node:http";
import { enrolBytes } from "../../../core/domain/signing.ts";
import { parseJoinString } from "../../../core/wire/join-string.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { inTime } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { FORGETS_USES, spoilMonitor } from "./spoiled-store.ts";

const GUESSES = 1000;

interface Answer {
  status: number;
  json: Record<string, unknown>;
}

interface From {
  /** Local address; failures are counted per address. */
  address: string;
  /** What it says of itself to whoever believes it. */
  claims?: string;
}

function send(cortex: Cortex, from: From, method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(from.claims !== undefined && { "x-forwarded-for": from.claims }),
    };
    const call = request(
      {
        host: "127.0.0.1",
        port: cortex.port,
        localAddress: from.address,
        method,
        path,
        headers,
        agent: false,
      },
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

async function enrolment(cortex: Cortex, from: From, secret: string, name: string): Promise<object> {
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

const CONFIG = { enrol: { max_pending: 1000 } };

async function race(cortex: Cortex, rounds: number): Promise<string> {
  const began = now();
  for (let round = 0; round < rounds; round += 1) {
    const made = await cortex.api<{ join: string }>("POST", "tokens", { url: cortex.url });
    ensureEqual(made.status, 201, "a token");
    const { secret } = parseJoinString(made.json.join)!;
    const from = { address: `127.1.${1 + (round >> 7)}.${1 + (round & 127)}` };
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
  return `${rounds} races, one winner each (${inTime(tookMs)})`;
}

/** One machine that says with each guess that it is another. */
async function guess(cortex: Cortex): Promise<string> {
  const refused = new Map<number, number>();
  const address = "127.2.0.1";
  const wrong = () => randomBytes(32).toString("base64url");
  const body = await enrolment(cortex, { address }, wrong(), "guess");
  for (let n = 0; n < GUESSES; n += 1) {
    const from = { address, claims: `198.51.${n >> 8}.${n & 255}` };
    const { status } = await send(cortex, from, "POST", "/enrol", { ...body, token: wrong() });
    refused.set(status, (refused.get(status) ?? 0) + 1);
  }
  ensure(!refused.has(201), "a guess got in");
  const heldBack = refused.get(429) ?? 0;
  ensure(heldBack > 0.9 * GUESSES, `guessing is not held back: ${JSON.stringify([...refused])}`);
  return `${GUESSES} guesses: none in, ${heldBack} held back`;
}

const races: Scenario = {
  name: "token-races",
  quick: true,
  timeoutMs: 240_000,
  threats: ["T01"],
  run: async (rig) => race(await rig.cortex({ config: CONFIG }), rig.quick ? 50 : 200),
  /** On a store that forgets how often a token was used. */
  async control(rig) {
    const cortex = await rig.cortex({ config: CONFIG });
    await spoilMonitor(cortex, FORGETS_USES);
    return race(cortex, 3);
  },
};

const guesses: Scenario = {
  name: "token-guesses",
  quick: true,
  timeoutMs: 120_000,
  threats: ["T02", "T19"],
  run: async (rig) => guess(await rig.cortex()),
  /** Behind a configuration that believes everybody who says where a request comes from. */
  control: async (rig) =>
    guess(await rig.cortex({ config: { server: { trusted_proxies: ["127.0.0.0/8"] } } })),
};

export default [races, guesses];
