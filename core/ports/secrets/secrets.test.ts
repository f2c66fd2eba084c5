import { expect, test } from "bun:test";
import { compilePattern } from "cortex";
import { createSecrets, hasReference } from "./secrets.ts";

const secrets = () =>
  createSecrets({
    env: { TOKEN: 's3cret/with+signs"', SHORT: "abc", EMPTY: "" },
    readFile: (path) => {
      if (path === "/run/key") return "file-secret-value\n";
      throw Object.assign(new Error(`open ${path}`), { code: path === "/root/key" ? "EACCES" : "ENOENT" });
    },
  });

test("references are replaced wherever they stand in a text", () => {
  expect(secrets().resolve("Bearer ${file:/run/key}")).toBe("Bearer file-secret-value");
  expect(secrets().resolve("${env:SHORT}-${env:SHORT}")).toBe("abc-abc");
});

test("text without a reference and escaped references stay as they are", () => {
  expect(secrets().resolve("$HOME ${other:x} $5")).toBe("$HOME ${other:x} $5");
  expect(secrets().resolve("$${env:TOKEN}")).toBe("${env:TOKEN}");
  expect(hasReference("plain")).toBe(false);
  expect(hasReference("${env:TOKEN}")).toBe(true);
  expect(hasReference("${env:TOKEN}")).toBe(true);
});

test("T52 what is missing or may not be read is named, its value never", () => {
  const all = secrets();
  expect(() => all.resolve("${env:NOWHERE}")).toThrow("the environment variable NOWHERE is not set");
  expect(() => all.resolve("${env:EMPTY}")).toThrow(expect.objectContaining({ code: "secret.missing" }));
  expect(() => all.resolve("${file:/none}")).toThrow("the secret's file /none does not exist");
  expect(() => all.resolve("${file:/root/key}")).toThrow("permission denied");
  expect(() => all.resolve("${file:relative}")).toThrow(
    expect.objectContaining({ code: "secret.unreadable" }),
  );
});

test("T52 a resolved value is hidden in every spelling, the longest first", () => {
  const all = secrets();
  const value = all.resolve("${env:TOKEN}");
  all.register(`${value}-and-more`);
  const spellings = [
    value,
    Buffer.from(value).toString("base64"),
    encodeURIComponent(value),
    JSON.stringify(value),
  ];
  for (const spelling of spellings) {
    const redacted = all.redact(`x ${spelling} y`);
    expect(redacted).toContain("[redacted]");
    expect(redacted).not.toContain("s3cret");
  }
  expect(all.redact(`${value}-and-more`)).toBe("[redacted]");
});

test("short values are left alone", () => {
  const all = secrets();
  all.resolve("${env:SHORT}");
  expect(all.redact("abcdef")).toBe("abcdef");
});

test("T52 what the operator calls secret by its form is hidden too, in texts of any length", () => {
  const secrets = createSecrets({ env: {} });
  secrets.hide(compilePattern("INT-[0-9]{8}"));
  expect(secrets.redact("order INT-12345678, INT-1234")).toBe("order [redacted], INT-1234");
  const long = "an ordinary line\n".repeat(10_000);
  expect(secrets.redact(`${long}INT-12345678`)).toBe(`${long}[redacted]`);
});
