import { expect, test } from "bun:test";
import fc from "fast-check";
import { createLog } from "../log.ts";
import { createSecrets } from "./secrets.ts";

/** What programs and libraries do to a value before it is printed. */
const WRAPPINGS: Record<string, (value: string, before: string) => string> = {
  plain: (value, before) => `${before}${value}!`,
  json: (value, before) => JSON.stringify({ [before]: value }),
  "json in json": (value) => JSON.stringify(JSON.stringify({ value })),
  url: (value) => `https://h.example/?a=${encodeURIComponent(value)}&b=1`,
  "url, small": (value) => encodeURIComponent(value).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  form: (value) => new URLSearchParams({ a: value, b: "c" }).toString(),
  base64: (value) => Buffer.from(value).toString("base64"),
  base64url: (value) => Buffer.from(value).toString("base64url"),
  "basic credentials": (value, before) => `Basic ${Buffer.from(`${before}:${value}`).toString("base64")}`,
  "inside base64": (value, before) => Buffer.from(`${before}${value}${before}`).toString("base64"),
  "inside base64url": (value, before) => Buffer.from(`${before}${value}${before}`).toString("base64url"),
  hex: (value) => Buffer.from(value).toString("hex"),
  HEX: (value) => Buffer.from(value).toString("hex").toUpperCase(),
};

/** Printable, long enough to be known; with the characters that encodings treat specially. */
const secret = fc.string({
  unit: fc.constantFrom(...'abcXYZ0189+/=&%"\\ -_.~:;é界'),
  minLength: 12,
  maxLength: 60,
});

/** Every way to read the text, as somebody who looks for secrets would: decoded at each place where that is possible. */
function readings(text: string): string[] {
  const runs = text.match(/[A-Za-z0-9+/_-]{8,}/g) ?? [];
  const decoded = runs.flatMap((run) =>
    [0, 1, 2, 3].map((at) => Buffer.from(run.slice(at), "base64").toString()),
  );
  const hex = (text.match(/[0-9A-Fa-f]{8,}/g) ?? []).map((run) => Buffer.from(run, "hex").toString());
  const url = text.replaceAll("+", " ").replace(/(?:%[0-9A-Fa-f]{2})+/g, (codes) => {
    return Buffer.from(codes.replaceAll("%", ""), "hex").toString();
  });
  const json = text.replaceAll(/\\+(["\\])/g, "$1");
  return [text, url, json, ...decoded, ...hex];
}

/** Whether more of it is left than its edges. */
const leaks = (text: string, value: string) => readings(text).some((one) => one.includes(value.slice(4, -4)));

test("T52 no secret survives in any wrapping: plain, JSON, URL, base64 at any place, hex", () => {
  fc.assert(
    fc.property(secret, fc.string({ maxLength: 7 }), (value, before) => {
      const secrets = createSecrets({ env: {} });
      secrets.register(value);
      for (const [name, wrap] of Object.entries(WRAPPINGS)) {
        const wrapped = wrap(value, before);
        expect([name, leaks(secrets.redact(wrapped), value)]).toEqual([name, false]);
      }
    }),
    { numRuns: 150 },
  );
});

test("the search for leaks finds what is not hidden", () => {
  const value = "canary-5f1d0c6e-value";
  for (const [name, wrap] of Object.entries(WRAPPINGS))
    expect([name, leaks(wrap(value, "user"), value)]).toEqual([name, true]);
});

test("T52 what has the form of a secret is hidden without being known, and ordinary text stays", () => {
  const { redact } = createSecrets({ env: {} });
  const pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\nabc\n-----END PRIVATE KEY-----";
  for (const [text, hidden] of [
    [`key cxk_ab12cd34_${"A".repeat(43)} end`, "AAAA"],
    [`join cxj1.${"eyJ1".repeat(10)}`, "eyJ1eyJ1"],
    [`x ${pem} y`, "MIGH"],
    [`x ${pem.slice(0, 50)}`, "MIGH"],
    ["authorization: Bearer abcdefghijklmnop1234", "mnop1234"],
    ['"Authorization": "Basic dXNlcjpwYXNz"', "dXNlcjpwYXNz"],
    ["postgres://app:hunter2@db.example/x", "hunter2"],
    ["https://api.telegram.org/bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-ab/send", "AAEhBOweik6ad9r"],
    [`eyJhbGciOiJFZERTQSJ9.${"eyJzdWIiOiIxIn0".repeat(2)}.c2lnbmF0dXJl`, "c2lnbmF0dXJl"],
  ] as const) {
    expect(redact(text)).not.toContain(hidden);
    expect(redact(text)).toContain("[redacted]");
  }
  for (const text of [
    "basic functionality is bearer authentication",
    "http://127.0.0.1:8080/path?mail=a@b.example",
    "nginx.service: Main process exited, code=exited, status=1/FAILURE",
    "10:15:30 disk /dev/sda1 at 93 %",
  ])
    expect(redact(text)).toBe(text);
});

test("T52 a private key from a file is hidden line by line, too", () => {
  const secrets = createSecrets({ env: {} });
  const lines = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"];
  secrets.register(`-----BEGIN X-----\n${lines.join("\n")}\n-----END X-----`);
  for (const line of lines) expect(secrets.redact(`log: ${line}`)).toBe("log: [redacted]");
});

test("T52 a secret that lies across the place where the log cuts a text does not stay by half", () => {
  const secrets = createSecrets({ env: {} });
  secrets.register("a-canary-of-some-length");
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "json",
    redact: secrets.redact,
    write: (line) => void lines.push(line),
  });
  for (let at = 8160; at < 8200; at += 3)
    log.info("long", { text: `${"x".repeat(at)}a-canary-of-some-length` });
  expect(lines.join("")).not.toContain("a-canary");
});

test("T111 hiding secrets takes linear time, whatever the text", () => {
  const { redact } = createSecrets({ env: {} });
  const started = performance.now();
  for (const text of [
    "://a:",
    "-----BEGIN PRIVATE KEY-----",
    "eyJaaaaaaaa.",
    "bearer ",
    "authorization: basic ",
    "cxk_aaaa_",
    "1234567890:",
  ])
    redact(text.repeat(Math.ceil(64_000 / text.length)));
  expect(performance.now() - started).toBeLessThan(2000);
});
