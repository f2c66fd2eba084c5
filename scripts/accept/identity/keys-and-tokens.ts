/** T61, T64, T66, T67: keys and tokens do what they were made for, from where and as long as they were, and nothing else does. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { pause } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { forgedTokens } from "./forged-tokens.ts";
import { ask } from "./person.ts";

interface Made {
  id: string;
  secret: string;
  expiresAt: string | null;
}

/** `base`: where programs talk to; `cortex` makes the keys, as its local administrator. */
function programs(cortex: Cortex, base: string) {
  const make = async (more: object): Promise<Made> => {
    const made = await cortex.api<Made>("POST", "keys", { name: "ci", ...more });
    ensureEqual(made.status, 201, `make a key with ${JSON.stringify(more)}`);
    return made.json;
  };
  const may = async (key: string, path = "nodes", from?: string) =>
    (await ask(base, "GET", path, { key, ...(from !== undefined && { from }) })).status;
  return { make, may };
}

/** What a key may do, from where, and for how long. */
async function bounds(cortex: Cortex, base: string): Promise<void> {
  const { make, may } = programs(cortex, base);
  for (const more of [
    {},
    { grants: [] },
    { role: "viewer", addresses: [] },
    { role: "viewer", addresses: ["*"] },
  ])
    ensureEqual(
      (await cortex.api("POST", "keys", { name: "ci", ...more })).status,
      400,
      `a key with ${JSON.stringify(more)}`,
    );
  const viewer = await make({ role: "viewer" });
  ensureEqual(
    [await may(viewer.secret), await may(viewer.secret, "users")],
    [200, 403],
    "a viewer's key: nodes, users",
  );
  const auditor = await make({ role: "admin", permissions: ["audit.read"] });
  ensureEqual(
    [await may(auditor.secret, "audit"), await may(auditor.secret, "users"), await may(auditor.secret)],
    [200, 403, 403],
    "an admin's key narrowed to the audit: audit, users, nodes",
  );
  const placed = await make({ role: "viewer", addresses: ["127.0.0.2/31", "2001:db8::/32"] });
  ensureEqual(
    await Promise.all(
      ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"].map((from) => may(placed.secret, "nodes", from)),
    ),
    [401, 200, 200, 401],
    "a key for 127.0.0.2/31 from .1 to .4",
  );
  const short = await make({ role: "viewer", expiresAt: new Date(Date.now() + 1500).toISOString() });
  ensureEqual(await may(short.secret), 200, "a key before its end");
  await pause(1600);
  ensureEqual(await may(short.secret), 401, "a key after its end");
}

async function rotation(cortex: Cortex, base: string): Promise<void> {
  const { make, may } = programs(cortex, base);
  const { id, secret } = await make({ role: "viewer" });
  const rotate = async (body: object) =>
    (await cortex.api<Made>("POST", `keys/${id}/rotate`, body)).json.secret;
  const second = await rotate({ graceSeconds: 2 });
  ensureEqual([await may(secret), await may(second)], [200, 200], "old and new secret within the grace");
  await pause(2100);
  ensureEqual([await may(secret), await may(second)], [401, 200], "old and new secret after the grace");
  const third = await rotate({});
  ensureEqual(
    [await may(second), await may(third)],
    [401, 200],
    "old and new secret after a rotation at once",
  );
  ensureEqual(
    (await cortex.api("POST", `keys/${id}/rotate`, { graceSeconds: 86_401 })).status,
    400,
    "a grace of more than a day",
  );
}

/** The raw public key that verifies tokens, from the Monitor's own file. */
function tokenKey(cortex: Cortex): Uint8Array {
  const file = JSON.parse(readFileSync(join(cortex.dataDir, "keys", "tokens.json"), "utf8")) as {
    keys: { pkcs8: string }[];
  };
  const key = createPrivateKey({
    key: Buffer.from(file.keys[0]!.pkcs8, "base64"),
    format: "der",
    type: "pkcs8",
  });
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return new Uint8Array(Buffer.from(x!, "base64url"));
}

async function tokens(cortex: Cortex, base: string): Promise<number> {
  const { make, may } = programs(cortex, base);
  const { secret } = await make({ role: "viewer" });
  const made = await ask<{ token: string; expiresAt: string }>(cortex.url, "POST", "auth/token", {
    key: secret,
    body: {},
  });
  ensureEqual(made.status, 201, "POST auth/token");
  const { token, expiresAt } = made.json;
  ensure(Date.parse(expiresAt) - Date.now() <= 900_000, "a token lives for more than 15 minutes");
  ensureEqual(await may(token), 200, "the token itself");
  ensureEqual(
    (await ask(cortex.url, "POST", "auth/token", { key: token, body: {} })).status,
    400,
    "a token made with a token",
  );
  const forged = await forgedTokens(token, tokenKey(cortex));
  for (const [what, one] of Object.entries(forged))
    ensureEqual(await may(one), 401, `a forged token: ${what}`);
  const query = await fetch(`${base}/api/v1/nodes?access_token=${token}`);
  ensure([400, 401].includes(query.status), "a token in an address was taken");
  ensureEqual(await may(token), 200, "the token itself, in the end");
  await cortex.restart();
  ensureEqual(await may(token), 200, "the token after a restart");
  return Object.keys(forged).length;
}

/** T66: nothing that lies in the data folder is a key, however it is cut out. */
async function dump(cortex: Cortex, base: string): Promise<number> {
  const { make, may } = programs(cortex, base);
  const { id, secret } = await make({ role: "admin" });
  ensureEqual(await may(secret), 200, "a key before its database is stolen");
  const bytes = readdirSync(cortex.dataDir)
    .filter((name) => name.startsWith("monitor.db"))
    .map((name) => readFileSync(join(cortex.dataDir, name), "latin1"))
    .join("\n");
  ensure(bytes.includes(id), "the key's row was not found in monitor.db");
  ensure(!bytes.includes(secret), "the whole secret is in monitor.db");
  const random = secret.slice(-43);
  ensure(!bytes.includes(random), "the secret part of the key is in monitor.db");
  const found = new Set([...bytes.matchAll(/[A-Za-z0-9_-]{43,64}/g)].map(([text]) => text));
  const hashes = [...found].filter((text) => /^[0-9a-f]{64}$/.test(text));
  ensure(hashes.length > 0, "no hash was found in monitor.db");
  let tried = 0;
  for (const text of [...found].slice(0, 100)) {
    for (const guess of [text, `cxk_${id}_${text.slice(0, 43)}`]) {
      ensure([401, 429].includes(await may(guess)), "something from monitor.db opens a door");
      tried += 1;
    }
  }
  return tried;
}

async function everything(cortex: Cortex, base: string): Promise<string> {
  await bounds(cortex, base);
  await rotation(cortex, base);
  const forged = await tokens(cortex, base);
  const tried = await dump(cortex, base);
  return `end, addresses, narrowing, rotation hold; ${forged} forged tokens refused; ${tried} keys cut out of the stolen database refused`;
}

const scenario: Scenario = {
  name: "keys-and-tokens",
  quick: true,
  timeoutMs: 120_000,
  async run(rig) {
    const cortex = await rig.cortex();
    return everything(cortex, cortex.url);
  },
  /** A front that looks for a key, not at it: what has the right form is let in. */
  async control(rig) {
    const cortex = await rig.cortex();
    const front = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        const { pathname, search } = new URL(request.url);
        const key = request.headers.get("authorization") ?? "";
        if (!/^Bearer (cxk_|[\w-]+\.[\w-]+\.)/.test(key)) return new Response(null, { status: 401 });
        return fetch(`http://localhost${pathname}${search}`, { unix: join(cortex.dataDir, "cortex.sock") });
      },
    });
    rig.atEnd(() => front.stop(true));
    return everything(cortex, `http://127.0.0.1:${front.port}`);
  },
};

export default scenario;
