/** T17, T18: the API over TLS, seen by curl and openssl: versions, headers, a new certificate without a gap, no plain HTTP. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { plainEnv, type Ran } from "../lib/run.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

const OPENSSL = "/usr/bin/openssl";
const CURL = "/usr/bin/curl";

async function certificate(rig: Rig, name: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(rig.folder, `${name}.crt`), join(rig.folder, `${name}.key`)];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "90"];
  const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const made = await rig.run([OPENSSL, "req", "-x509", ...kind, "-keyout", key, "-out", cert, ...names]);
  ensureEqual(made.code, 0, `openssl req: ${made.stderr}`);
  return { cert, key };
}

const shaken = (rig: Rig, port: number, ...more: string[]): Promise<Ran> =>
  rig.run([OPENSSL, "s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost", ...more], {
    stdin: "",
  });

/** Old versions are refused by the server, also to a client that would speak them. */
async function assertVersions(rig: Rig, port: number): Promise<void> {
  for (const version of ["-tls1_2", "-tls1_3"])
    ensureEqual((await shaken(rig, port, version)).code, 0, `exit code of openssl ${version}`);
  for (const version of ["-tls1", "-tls1_1"]) {
    const ran = await shaken(rig, port, version, "-cipher", "ALL:@SECLEVEL=0");
    ensure(ran.code !== 0, `a client with ${version} was served`);
  }
}

const nameAt = async (rig: Rig, port: number) =>
  /subject=.*?CN ?= ?([\w.-]+)/.exec((await shaken(rig, port)).stdout)?.[1] ?? "";

async function run(rig: Rig): Promise<string> {
  const binary = await rig.binary();
  const [first, second] = [await certificate(rig, "first.test"), await certificate(rig, "second.test")];
  const [cert, key] = [join(rig.folder, "live.crt"), join(rig.folder, "live.key")];
  const take = async (from: typeof first) => {
    for (const [source, target] of [
      [from.cert, cert],
      [from.key, key],
    ] as const) {
      await rig.run(["/usr/bin/install", "-m", "0600", source, `${target}.new`]);
      renameSync(`${target}.new`, target);
    }
  };
  await take(first);
  const env = { ...plainEnv(), HOME: rig.folder, CORTEX_SECRETS__KEY_FILE: join(rig.folder, "kek") };
  const upArgv = (name: string, listen: string, tls: object) => [
    binary,
    "up",
    ...["--listen", listen, "--data-dir", join(rig.folder, `data-${name}`)],
    ...["--plugins-dir", join(rig.folder, "plugins")],
    ...["--config", rig.file(`${name}.yaml`, JSON.stringify({ server: tls }))],
  ];
  const port = await rig.port();
  const curl = (path: string, ca: string, at = port) =>
    rig.run([CURL, "-sS", "-D", "-", "--max-time", "5", "--cacert", ca, `https://localhost:${at}${path}`]);
  const cortex = rig.spawn(upArgv("own", `127.0.0.1:${port}`, { tls: { cert, key } }), { env });
  const ready = (ca: string, at: number) =>
    until(async () => (await curl("/readyz", ca, at)).stdout.includes(" 200"), {
      what: "HTTPS answers",
      timeoutMs: 15_000,
      everyMs: 100,
    });
  await ready(cert, port);
  await assertVersions(rig, port);
  const { stdout } = await curl("/api/v1/nodes", cert);
  ensure(/^strict-transport-security: max-age=31536000/im.test(stdout), "no HSTS on an answer over TLS");
  ensure((await curl("/healthz", second.cert)).code !== 0, "curl took a certificate of another authority");

  // A new certificate while clients come and go.
  let asked = 0;
  let lost = 0;
  let over = false;
  const both = rig.file(
    "both.crt",
    (await Bun.file(first.cert).text()) + (await Bun.file(second.cert).text()),
  );
  const visitors = [1, 2].map(async () => {
    while (!over) {
      asked += 1;
      if (!(await curl("/healthz", both)).stdout.includes(" 200")) lost += 1;
    }
  });
  ensureEqual(await nameAt(rig, port), "first.test", "certificate served at first");
  await take(second);
  process.kill(cortex.pid, "SIGHUP");
  await until(async () => (await nameAt(rig, port)) === "second.test", {
    what: "the new certificate is served",
    timeoutMs: 10_000,
  });
  over = true;
  await Promise.all(visitors);
  ensureEqual(lost, 0, `requests lost of ${asked} while the certificate changed`);

  // One made here: the fingerprint that is printed is the one that is served.
  const selfPort = await rig.port();
  const self = Bun.spawn(upArgv("self", `127.0.0.1:${selfPort}`, { tls: { self_signed: true } }), {
    env,
    cwd: rig.folder,
    stdin: "ignore",
    stdout: Bun.file(join(rig.folder, "self.out")),
    stderr: Bun.file(join(rig.folder, "self.err")),
  });
  rig.atEnd(async () => {
    self.kill();
    await self.exited;
  });
  await ready(join(rig.folder, "data-self/keys/tls.crt"), selfPort);
  const served = await rig.run([OPENSSL, "x509", "-noout", "-fingerprint", "-sha256"], {
    stdin: (await shaken(rig, selfPort)).stdout,
  });
  const print = /=([0-9A-F:]{95})/.exec(served.stdout)?.[1] ?? "none";
  await until(async () => (await Bun.file(join(rig.folder, "self.out")).text()).includes("Setup:"), {
    what: "the start is printed",
    timeoutMs: 10_000,
  });
  ensure((await Bun.file(join(rig.folder, "self.out")).text()).includes(print), `${print} was not printed`);
  const doctor = await rig.run(
    [
      binary,
      "doctor",
      "--data-dir",
      join(rig.folder, "data-self"),
      "--config",
      join(rig.folder, "self.yaml"),
    ],
    { env },
  );
  ensure(doctor.stdout.includes(print), `the doctor does not show ${print}: ${doctor.stdout}`);

  const plain = await rig.run(upArgv("plain", `0.0.0.0:${await rig.port()}`, {}), { env, timeoutMs: 15_000 });
  ensureEqual(plain.code, 78, "exit code of plain HTTP on every address");
  ensure(plain.stderr.includes("server.tls"), `it does not say what to do: ${plain.stderr}`);
  return `TLS 1.2 and 1.3 only; ${asked} requests while the certificate changed, 0 lost; plain HTTP refused`;
}

/** The same look at versions, at a server that speaks TLS 1.1. */
async function control(rig: Rig): Promise<string> {
  const { cert, key } = await certificate(rig, "old.test");
  const port = await rig.port();
  const old = ["-cipher", "ALL:@SECLEVEL=0", "-min_protocol", "TLSv1"];
  rig.spawn([OPENSSL, "s_server", "-accept", String(port), "-cert", cert, "-key", key, "-quiet", ...old]);
  await until(async () => (await shaken(rig, port, "-tls1_3")).code === 0, {
    what: "it listens",
    timeoutMs: 5000,
  });
  await assertVersions(rig, port);
  return "a server with old versions passed";
}

const scenario: Scenario = {
  name: "tls",
  quick: true,
  timeoutMs: 120_000,
  needs: ["curl", "openssl"],
  threats: ["T17", "T18"],
  run,
  control,
};
export default scenario;
