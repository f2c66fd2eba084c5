/** T52, T91: secrets that went in everywhere come out nowhere: not in files, backups, logs, answers, arguments or requests. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IntentItem, ProblemItem } from "../../../core/monitor/items.ts";
import { createPluginStore } from "../../../core/host/plugin-store.ts";
import { createLog } from "../../../core/ports/log.ts";
import { createSecrets } from "../../../core/ports/secrets/secrets.ts";
import { ephemeralVault } from "../../../core/ports/secrets/vault.ts";
import { createAgentStore } from "../../../core/store/agent/create-agent-store.ts";
import { ephemeralIdentity } from "../../../core/store/identity.ts";
import { Secret } from "otpauth";
import { codeAt } from "../../../core/testing/totp-code.ts";
import { setupToken } from "../face/browser.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { keptCopies } from "../lib/kept-copies.ts";
import { processesOf } from "../lib/processes.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { doorOf, enrol } from "./doors.ts";
import { bytesOf, filesBelow, privateKeys, search } from "./secret-search.ts";
import type { Scenario } from "../scenario.ts";

const PASSWORD = "canary-pass-1b9f horse battery";
const FROM_FILE = "canary-file-7c21f0aa93";
const FROM_ENV = "canary/env+e88d=&04b1";
const FROM_HOST = "canary-host-5d2e77c1bb";
const IN_FILE = "canary-conf-38ab90e1d4";

/** A configuration file with a password, kept when it passes its test; and somebody breaks it. */
const GOOD = `listen 80\ndb_password = ${IN_FILE}\n`;
const BAD = `lisen 80\ndb_password = ${IN_FILE}-new\n`;
/** Says the words of the line that it does not like, as many such programs do. */
const SHOP_TEST = `#!/bin/sh
grep -q ^listen "$1" && exit
grep -o "canary.*" "$1" | sed "s/^/fatal: near /" >&2
exit 1
`;

async function breakDeclared(cortex: Cortex, file: string): Promise<void> {
  await until(() => keptCopies(cortex.dataDir) > 0, { what: "the good text is kept", timeoutMs: 20_000 });
  writeFileSync(file, BAD);
  const problem = await problemOf(cortex, file);
  ensure(problem.summary.includes("it passed 2"), `no copy is known: ${problem.summary}`);
  ensure(problem.summary.includes("near [redacted]"), `not hidden: ${problem.summary}`);
  await until(
    async () => (await cortex.api("GET", "intents?kind=repair&limit=5")).text.includes("db_password"),
    {
      what: "the way back is proposed",
      timeoutMs: 20_000,
    },
  );
}

const problemOf = (cortex: Cortex, target: string) =>
  until(
    async () =>
      (await cortex.api<{ items: ProblemItem[] }>("GET", "problems?limit=100")).json.items?.find(
        (one) => one.target === target,
      ),
    { what: `a problem of ${target} is open`, timeoutMs: 30_000, everyMs: 200 },
  );

/** Says everything it knows: in results, in its log, in what its program prints. */
const PLUGIN = `
import { definePlugin } from "cortex";
import * as z from "zod";
export default definePlugin({
  name: "talker", version: "1.0.0", sdk: 1, summary: "Says what it knows.",
  config: z.strictObject({ secret: z.string().default("none"), words: z.string().default("") }),
  modes: ["agent"],
  capabilities: ["exec:echo"],
  setup: (ctx, config) => ({
    checks: [{
      name: "talk", summary: "Talks.", type: "talk.bad", nature: "fact" as const, intervalMs: 1000, confirmMs: 0, timeoutMs: 3000,
      async run() {
        const said = await ctx.exec.run(["echo", config.words]);
        const encoded = Buffer.from("user:" + config.secret).toString("base64");
        ctx.log.warn("talking", { secret: config.secret, encoded, said: said.stdout });
        const summary = "knows " + config.secret + " and " + encoded + " and " + said.stdout;
        return [{ target: "talker", status: "critical" as const, summary, details: { url: "https://u:" + encodeURIComponent(config.secret) + "@h/" } }];
      },
    }],
  }),
});
`;

async function run(rig: Rig): Promise<string> {
  const received: string[] = [];
  const outside = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      received.push(
        `${request.url} ${JSON.stringify(Object.fromEntries(request.headers))} ${await request.text()}`,
      );
      return new Response("no", { status: 500 });
    },
  });
  rig.atEnd(() => outside.stop(true));
  const file = rig.file("secret", `${FROM_FILE}\n`, 0o600);
  const declared = rig.file("shop.conf", GOOD, 0o600);
  const config = {
    engine: { boot_grace: "0s" },
    policy: { boot_guard: "0s" },
    link: { report: "1s" },
    log: { level: "debug" },
    plugins: {
      "config-restore": {
        file: declared,
        test: [rig.file("shop-test", SHOP_TEST, 0o700), "{file}"],
        interval: "1s",
        confirm: "1s",
      },
      talker: { secret: `\${file:${file}}`, words: `token bearer ${FROM_HOST} end` },
      http: [
        // Where a secret is meant to go, it goes; what is asked of another place must not carry it.
        { id: "other", url: `http://127.0.0.1:${outside.port}/health`, interval: "1s" },
        {
          id: "api",
          url: "http://127.0.0.1:1/",
          headers: { authorization: "Bearer ${env:API_TOKEN}" },
          interval: "1s",
        },
      ],
    },
  };
  // Where the first daemon of a scenario looks for plugins.
  mkdirSync(join(rig.folder, "cortex-1/plugins/talker"), { recursive: true, mode: 0o700 });
  rig.file("cortex-1/plugins/talker/index.ts", PLUGIN);
  const cortex = await rig.cortex({ config, env: { API_TOKEN: FROM_ENV } });
  const problem = await problemOf(cortex, "talker");
  ensure(problem.summary.includes("[redacted]"), `nothing was hidden in: ${problem.summary}`);
  await breakDeclared(cortex, declared);
  const door = doorOf(cortex);
  const token = await setupToken(cortex);
  const made = await door.post("auth/setup", { token, name: "anna", password: PASSWORD });
  ensureEqual([made.status < 300, made.session !== null], [true, true], `setup answers ${made.status}`);
  // Somebody with an authenticator app, whose seed the Monitor must be able to read again.
  const { secret: seed } = await enrol(door, made.session!, "totp", (options) => ({
    code: codeAt(options.secret, door.now()),
  }));
  // A new key takes along what the Monitor and what plugins keep sealed.
  const rotated = await door.post("secrets/rotate", {}, made.session!);
  const { records } = rotated.json as unknown as { records?: number };
  ensure((records ?? 0) >= 2, `secrets rotate answers ${JSON.stringify(rotated.json)}`);
  await cortex.api("POST", "inspections", {});
  const { summary } = await problemOf(cortex, declared);
  ensure(!summary.includes("can't be read"), `the copy was not taken along: ${summary}`);
  const created = await cortex.api<{ secret: string }>("POST", "keys", { name: "canary", role: "admin" });
  const key = created.json.secret;
  ensure(key?.startsWith("cxk_"), `no key was made: ${created.status} ${created.text}`);
  const answers: Record<string, string> = {};
  for (const path of [
    "config",
    "problems",
    "nodes",
    "checks",
    "plugins",
    "intents",
    "audit",
    "settings",
    "keys",
    "users",
  ])
    answers[`answer of ${path}`] = (await cortex.api("GET", path, undefined, { key })).text;
  await cortex.api("POST", "intents", { kind: "note", summary: `remember ${FROM_FILE} and ${key}` });
  const exported = await cortex.api("GET", "intents/export");
  const notes = await cortex.api<{ items: IntentItem[] }>("GET", "intents?kind=note");
  const said = { ...answers, "answer of notes": notes.text, "exported ledger": exported.text };
  const argv = Object.fromEntries(
    processesOf(rig.folder).map((pid) => [`arguments of process ${pid}`, textOf(`/proc/${pid}/cmdline`)]),
  );
  ensureEqual((await cortex.api("POST", "backups", {})).status, 201, "making a backup");
  await cortex.stop();
  const written = Object.fromEntries(filesBelow(cortex.dataDir).map((path) => [path, bytesOf(path)]));
  const places = {
    ...written,
    ...said,
    ...argv,
    "standard error": cortex.stderr(),
    "standard output": cortex.stdout(),
    "requests sent elsewhere": received.join("\n"),
  };
  ensure(
    received.length > 0 && Object.keys(written).length > 5 && cortex.stderr().length > 0,
    "nothing to search",
  );
  const secrets = {
    password: PASSWORD,
    "secret of a file": FROM_FILE,
    "secret of the environment": FROM_ENV,
    "password in a configuration file": IN_FILE,
    "API key": key,
    "seed of codes": seed,
    "seed of codes, its bytes": Secret.fromBase32(seed).bytes,
  };
  const found = search(places, { ...secrets, "token in a program's output": FROM_HOST });
  ensure(found.length === 0, `found ${found.slice(0, 8).join("; ")}`);
  // What may lie in the folder of keys, and nowhere else; what may lie in neither.
  const inBackup = Object.entries(written).filter(([path]) =>
    path.startsWith(join(cortex.dataDir, "backups/")),
  );
  ensureEqual(inBackup.length, 4, "files of the backup");
  const leaked = [
    ...search(Object.fromEntries(inBackup), privateKeys(join(cortex.dataDir, "keys"))),
    ...search(written, {
      "key-encryption key": Buffer.from(
        readFileSync(join(cortex.dataDir, "../kek"), "latin1").trim(),
        "base64",
      ),
    }),
  ];
  ensure(leaked.length === 0, `found ${leaked.slice(0, 8).join("; ")}`);
  const bytes = Object.values(written).reduce((sum, content) => sum + content.length, 0);
  await compose(rig, true);
  return `11 secrets, ${Object.keys(places).length} places with a backup, ${(bytes / 2 ** 20).toFixed(1)} MB of files: none found`;
}

const textOf = (path: string) => (existsSync(path) ? readFileSync(path, "latin1") : "");
/** Log, ledger and sealed values put together by hand, with the guards or without. */
async function compose(rig: Rig, guarded: boolean): Promise<string> {
  const secrets = createSecrets({ env: {} });
  secrets.register(FROM_FILE);
  const redact = guarded ? secrets.redact : (text: string) => text;
  const folder = join(rig.folder, "composed");
  mkdirSync(folder, { recursive: true });
  const lines: string[] = [];
  createLog({ level: "info", format: "json", redact, write: (line) => void lines.push(line) }).info("said", {
    FROM_FILE,
  });
  const { nodeId, sign, verify } = ephemeralIdentity();
  const store = createAgentStore(join(folder, "agent.db"), {
    origin: nodeId,
    sign,
    verify,
    now: Date.now,
    redact,
  });
  store.ledger.append("intent.proposed", "engine", { params: { argv: ["tool", FROM_FILE] } });
  const seed = "canary-totp-JBSWY3DPEHPK3PXP";
  const values = createPluginStore(store, ephemeralVault(), "factors~1");
  (guarded ? values.sealed : values).set("seed", seed);
  store.close();
  const places = Object.fromEntries(filesBelow(folder).map((path) => [path, bytesOf(path)]));
  const found = search(
    { ...places, log: lines.join("") },
    { "secret of a file": FROM_FILE, "seed of codes": seed },
  );
  ensure(found.length === 0, `found ${found.join("; ")}`);
  return "nothing found";
}

const scenario: Scenario = {
  name: "canaries",
  quick: true,
  timeoutMs: 90_000,
  threats: ["T52", "T80", "T91"],
  run,
  control: (rig) => compose(rig, false),
};
export default scenario;
