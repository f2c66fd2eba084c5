import { expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../../testing/test-folder.ts";
import { thrown } from "../../testing/thrown.ts";
import { createSecrets, hasReference } from "./secrets.ts";

test("T52 a secret's file that everybody can read, or others can change, is refused with what to do", () => {
  const path = join(testFolder(), "key");
  writeFileSync(path, "file-secret-value\n", { mode: 0o600 });
  const secrets = createSecrets({ env: {} });
  for (const mode of [0o600, 0o640, 0o400]) {
    chmodSync(path, mode);
    expect(secrets.resolve(`\${file:${path}}`)).toBe("file-secret-value");
  }
  chmodSync(path, 0o644);
  expect(thrown(() => secrets.resolve(`\${file:${path}}`))?.message).toContain("chmod o=");
  chmodSync(path, 0o660);
  expect(thrown(() => secrets.resolve(`\${file:${path}}`))?.message).toContain("chmod go-w");
});

test("a systemd credential is read by its name, and nothing else of that folder's surroundings", () => {
  const folder = testFolder();
  writeFileSync(join(folder, "smtp"), "credential-value\n", { mode: 0o400 });
  const secrets = createSecrets({ env: { CREDENTIALS_DIRECTORY: folder } });
  expect(hasReference("${credential:smtp}")).toBe(true);
  expect(secrets.resolve("x ${credential:smtp}")).toBe("x credential-value");
  expect(secrets.redact("a credential-value b")).toBe("a [redacted] b");
  expect(thrown(() => secrets.resolve("${credential:none}"))?.code).toBe("secret.missing");
  for (const name of ["../smtp", "/etc/passwd", ".hidden", ""])
    expect(thrown(() => secrets.resolve(`\${credential:${name}}`))?.code).toBe("secret.unreadable");
  expect(thrown(() => createSecrets({ env: {} }).resolve("${credential:smtp}"))?.message).toContain(
    "LoadCredential",
  );
});
