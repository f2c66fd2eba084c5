import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPluginStore } from "../host/plugin-store.ts";
import { testStore } from "../store/agent/test-store.ts";
import { createVault, ephemeralVault } from "../ports/secrets/vault.ts";
import { memoryKeyRing } from "../ports/secrets/key-ring.ts";
import { snapshot } from "../store/backup/snapshot.ts";
import { openDatabase } from "../store/sqlite.ts";
import { testFolder } from "../testing/test-folder.ts";
import { createTestApi } from "../testing/test-api.ts";
import { createTestMonitorStore } from "../testing/test-monitor-store.ts";
import { thrown } from "../testing/thrown.ts";
import { checkKey, rotateKey } from "./sealed.ts";

const vaultOfAll = ephemeralVault();
const CANARY = "canary-5f1d0c6e-stored-secret";
const PLACE = ["settings.value", "sealed.test"] as const;

test("T91 neither database nor log nor backup holds the text of a sealed secret, and two rows can't be swapped", () => {
  const folder = testFolder();
  const path = join(folder, "monitor.db");
  const store = createTestMonitorStore(() => 0, path);
  const vault = ephemeralVault();
  store.access.settings.set(PLACE[1], vault.seal(...PLACE, CANARY));
  store.access.settings.set("sealed.other", vault.seal(PLACE[0], "sealed.other", "other"));
  // Found where it is stored as it is, so the search works.
  store.access.settings.set("plain", "in-plain-text");
  const db = openDatabase(path, { readonly: true });
  const backup = join(folder, "copy.db");
  snapshot(db, backup);
  db.close();
  const found = [path, `${path}-wal`, backup].map((file) => readFileSync(file).includes(CANARY));
  const control = [path, `${path}-wal`, backup].map((file) => readFileSync(file).includes("in-plain-text"));
  expect([found.includes(true), control.includes(true)]).toEqual([false, true]);
  const swapped = store.access.settings.get<string>("sealed.other")!;
  expect(thrown(() => vault.open(...PLACE, swapped))?.code).toBe("vault.unreadable");
  store.close();
});

test("T95 what is deleted is overwritten in the database file", () => {
  const path = join(testFolder(), "monitor.db");
  const store = createTestMonitorStore(() => 0, path);
  store.access.settings.set("a", `${CANARY}-deleted`);
  store.close();
  expect(readFileSync(path).includes(CANARY)).toBe(true);
  const again = createTestMonitorStore(() => 0, path);
  again.access.settings.delete("a");
  again.close();
  expect(readFileSync(path).includes(CANARY)).toBe(false);
});

test("a key that is not the one of this database is found at the start", () => {
  const store = createTestMonitorStore();
  const vault = ephemeralVault();
  checkKey(store, ephemeralVault());
  store.access.settings.set(PLACE[1], vault.seal(...PLACE, CANARY));
  checkKey(store, vault);
  expect(thrown(() => checkKey(store, ephemeralVault()))?.message).toContain("put that key back");
  store.close();
});

test("a rotation that fails leaves every record readable and writes nothing into the chain", () => {
  const store = createTestMonitorStore();
  const ring = memoryKeyRing();
  const vault = createVault(ring);
  store.access.settings.set(PLACE[1], vault.seal(...PLACE, CANARY));
  store.access.settings.set("sealed.broken", "v1|broken");
  const before = store.ledger.head()?.size;
  expect(thrown(() => rotateKey(store, vault, { actor: "user:anna", keepOld: false }))?.code).toBe(
    "vault.unreadable",
  );
  expect(createVault(ring).open(...PLACE, store.access.settings.get<string>(PLACE[1])!)).toBe(CANARY);
  expect(store.ledger.head()?.size).toBe(before);
  store.close();
});

test("T95 a new key takes along what plugins of a node in the same program keep sealed, whatever of it is lost", async () => {
  const node = testStore();
  const api = createTestApi({ sealedBeside: [node] });
  const [kept, lost] = [api.vault, ephemeralVault()].map((vault) =>
    createPluginStore(node, vault, "config-restore~web"),
  );
  kept!.sealed.set("good", CANARY);
  lost!.sealed.set("lost", CANARY);
  const before = node.pluginSecrets.get("config-restore~web", "good")!;
  const cookie = await api.setUp();
  const answer = await api.send("POST", "/api/v1/secrets/rotate", { cookie, body: {} });
  expect(answer.json).toMatchObject({ records: 1 });
  expect(kept!.sealed.get<string>("good")).toBe(CANARY);
  expect(thrown(() => kept!.sealed.get("lost"))?.code).toBe("vault.unreadable");
  expect(lost!.sealed.get<string>("lost")).toBe(CANARY);
  node.pluginSecrets.set("config-restore~web", "good", before);
  expect(thrown(() => kept!.sealed.get("good"))?.code).toBe("vault.unreadable");
});

test("T91 a sealed value of a plugin is bound to its instance and key, and limited in size like any other", () => {
  const node = testStore();
  const [one, other] = ["a~1", "a~2"].map((scope) => createPluginStore(node, vaultOfAll, scope));
  one!.sealed.set("x", { text: CANARY });
  const record = node.pluginSecrets.get("a~1", "x")!;
  expect([one!.sealed.get<object>("x"), one!.get("x"), other!.sealed.get("x")]).toEqual([
    { text: CANARY },
    null,
    null,
  ]);
  node.pluginSecrets.set("a~2", "x", record);
  node.pluginSecrets.set("a~1", "y", record);
  expect(thrown(() => other!.sealed.get("x"))?.code).toBe("vault.unreadable");
  expect(thrown(() => one!.sealed.get("y"))?.code).toBe("vault.unreadable");
  expect(thrown(() => one!.sealed.set("x", "x".repeat(64 * 1024)))?.code).toBe("store.value_too_large");
  one!.sealed.delete("y");
  expect(one!.sealed.keys()).toEqual(["x"]);
});

test("T95 rotating over the API reseals all records, is written down, and asks for an administrator", async () => {
  const api = createTestApi();
  const { settings } = api.store.access;
  settings.set(PLACE[1], api.vault.seal(...PLACE, CANARY));
  const before = settings.get<string>(PLACE[1])!;
  const viewer = await api.send("POST", "/api/v1/secrets/rotate", {
    key: await api.createKey("viewer"),
    body: {},
  });
  expect(viewer.status).toBe(403);
  const cookie = await api.setUp();
  const answer = await api.send("POST", "/api/v1/secrets/rotate", { cookie, body: {} });
  expect(answer.json).toMatchObject({ records: 1, key: "memory" });
  expect(api.vault.open(...PLACE, settings.get<string>(PLACE[1])!)).toBe(CANARY);
  expect(thrown(() => api.vault.open(...PLACE, before))?.code).toBe("vault.unreadable");
  const kinds = api.store.ledger.read(0, 50).map((entry) => entry.kind);
  expect(kinds).toContain("secrets.rotated");
});
