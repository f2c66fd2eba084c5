import { expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { modeOf, testFolder } from "../../testing/test-folder.ts";
import { thrown } from "../../testing/thrown.ts";
import { createKeyRing, memoryKeyRing, newKey } from "./key-ring.ts";
import { createVault, ephemeralVault } from "./vault.ts";

const SECRET = "JBSWY3DPEHPK3PXP";
const rings = (folder: string) => {
  const dataDir = join(folder, "data");
  mkdirSync(dataDir, { recursive: true });
  return (path = join(folder, "etc/kek"), credentialsDir?: string) =>
    createKeyRing({ path, dataDir, credentialsDir });
};

test("T91 what is sealed opens again, is different each time, and shows nothing of the text", () => {
  const vault = ephemeralVault();
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ minLength: 1 }), (text, row) => {
      const record = vault.seal("factors.data", row, text);
      expect(vault.open("factors.data", row, record)).toBe(Buffer.from(text, "utf8").toString("utf8"));
      expect(record).not.toBe(vault.seal("factors.data", row, text));
    }),
    { numRuns: 200 },
  );
  expect(vault.seal("factors.data", "1", SECRET)).toMatch(/^v1\|[0-9a-f]{8}(\|[\w-]+){3}$/);
  expect(vault.seal("factors.data", "1", SECRET)).not.toContain(SECRET);
});

test("T91 a record in another row, of another column or with a changed bit does not open", () => {
  const vault = ephemeralVault();
  const record = vault.seal("factors.data", "1", SECRET);
  const open = (purpose: string, row: string, text: string) => () => vault.open(purpose, row, text);
  expect(thrown(open("factors.data", "2", record))?.code).toBe("vault.unreadable");
  expect(thrown(open("keys.data", "1", record))?.code).toBe("vault.unreadable");
  for (let at = 12; at < record.length - 1; at += 1) {
    const changed = `${record.slice(0, at)}${record[at] === "A" ? "B" : "A"}${record.slice(at + 1)}`;
    // Some bits of a part's last character stand for nothing.
    if (record[at + 1] === "|") continue;
    expect(thrown(open("factors.data", "1", changed))?.code).toBe("vault.unreadable");
  }
  for (const text of ["", "v1", "v2|a|b|c|d", `${record}|`, SECRET])
    expect(thrown(open("factors.data", "1", text))?.code).toBe("vault.unreadable");
  // A tag cut short would be guessed sooner.
  const short = record.replace(/\|[^|]+$/, (tag) => tag.slice(0, 6));
  expect(thrown(open("factors.data", "1", short))?.code).toBe("vault.unreadable");
});

test("T91 the key is made when it is first needed, for its owner only, and found again", () => {
  const folder = testFolder();
  const ring = rings(folder);
  const first = createVault(ring());
  expect(first.check()).toBe(false);
  const record = first.seal("factors.data", "1", SECRET);
  const path = join(folder, "etc/kek");
  expect([modeOf(statSync(path)), modeOf(statSync(join(folder, "etc")))]).toEqual(["400", "700"]);
  expect(readdirSync(join(folder, "etc"))).toEqual(["kek"]);
  expect(createVault(ring()).open("factors.data", "1", record)).toBe(SECRET);
});

test("T91 a key that others can read, that is a link, or that is none is refused", () => {
  const folder = testFolder();
  const path = join(folder, "kek");
  const ring = rings(folder)(path);
  ring.create();
  chmodSync(path, 0o440);
  expect(thrown(ring.read)).toMatchObject({
    code: "vault.key_refused",
    message: expect.stringContaining("chmod 400"),
  });
  symlinkSync(path, join(folder, "link"));
  expect(thrown(rings(folder)(join(folder, "link")).read)?.code).toBe("vault.key_refused");
  writeFileSync(join(folder, "short"), "c2hvcnQ=\n", { mode: 0o400 });
  expect(thrown(rings(folder)(join(folder, "short")).read)?.code).toBe("vault.key_refused");
});

test("T91 the key is never put into the data folder, also not by a link", () => {
  const folder = testFolder();
  const inside = rings(folder)(join(folder, "data/keys/kek"));
  expect(thrown(inside.create)?.code).toBe("vault.no_key");
  symlinkSync(join(folder, "data"), join(folder, "elsewhere"));
  expect(thrown(rings(folder)(join(folder, "elsewhere/kek")).create)?.code).toBe("vault.no_key");
  expect(readdirSync(join(folder, "data"))).toEqual([]);
});

test("a key that can't be written says which setting to change", () => {
  const folder = testFolder();
  writeFileSync(join(folder, "file"), "");
  expect(thrown(rings(folder)(join(folder, "file/kek")).create)).toMatchObject({
    code: "vault.no_key",
    message: expect.stringContaining("set secrets.key_file"),
  });
});

test("a systemd credential goes before the file, raw or as text, and is not replaced by the program", () => {
  const folder = testFolder();
  const credentials = join(folder, "credentials");
  mkdirSync(credentials);
  writeFileSync(join(credentials, "cortex-kek"), newKey().bytes, { mode: 0o440 });
  const ring = rings(folder)(join(folder, "kek"), credentials);
  const record = createVault(ring).seal("factors.data", "1", SECRET);
  expect(readdirSync(folder)).not.toContain("kek");
  const old = readFileSync(join(credentials, "cortex-kek")).toString("base64");
  const next = Buffer.from(newKey().bytes).toString("base64");
  writeFileSync(join(credentials, "cortex-kek"), `${next}\n${old}\n`);
  const vault = createVault(ring);
  let rewrapped = "";
  vault.rotate((reseal) => (rewrapped = reseal("factors.data", "1", record)));
  writeFileSync(join(credentials, "cortex-kek"), `${next}\n`);
  expect(createVault(ring).open("factors.data", "1", rewrapped)).toBe(SECRET);
  expect(thrown(() => createVault(ring).open("factors.data", "1", record))?.code).toBe("vault.unreadable");
});

test("T95 after a rotation the old key is gone, and with it what old pages and backups hold", () => {
  const folder = testFolder();
  const ring = rings(folder)(join(folder, "kek"));
  const vault = createVault(ring);
  const before = vault.seal("factors.data", "1", SECRET);
  let after = "";
  vault.rotate((reseal) => (after = reseal("factors.data", "1", before)));
  expect(vault.open("factors.data", "1", after)).toBe(SECRET);
  expect(thrown(() => vault.open("factors.data", "1", before))?.message).toContain("put that key back");
  expect(ring.read()).toHaveLength(1);
});

test("a rotation that was cut short, or keeps the old key, still opens both", () => {
  const ring = memoryKeyRing();
  const vault = createVault(ring);
  const record = vault.seal("factors.data", "1", SECRET);
  expect(() =>
    vault.rotate(() => {
      throw new Error("power cut");
    }),
  ).toThrow("power cut");
  const again = createVault(ring);
  expect(again.open("factors.data", "1", record)).toBe(SECRET);
  again.rotate(() => undefined, { keepOld: true });
  expect(again.open("factors.data", "1", record)).toBe(SECRET);
  expect(ring.read()).toHaveLength(3);
});
