import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modeOf, testFolder } from "../testing/test-folder.ts";
import { thrown } from "../testing/thrown.ts";
import { nodeId as nodeIdSchema } from "../wire/envelope.ts";
import { nodeIdOf } from "../domain/node-key.ts";
import { ephemeralIdentity, loadIdentity, nextEpoch } from "./identity.ts";
import { verifySignature } from "./key-file.ts";

describe("the node's identity", () => {
  test("is made once, kept with mode 0600, and the same after a restart", () => {
    const keys = join(testFolder(), "keys");
    const first = loadIdentity(keys);
    const second = loadIdentity(keys);
    expect(second.nodeId).toBe(first.nodeId);
    expect(modeOf(statSync(join(keys, "node.key")))).toBe("600");
    expect(readdirSync(keys)).toEqual(["node.key"]);
    expect(second.verify("hello", first.sign("hello"))).toBe(true);
  });

  test("a key that was not offered is not taken into use", () => {
    const keys = join(testFolder(), "keys");
    const identity = loadIdentity(keys);
    const { keyId } = identity;
    const offered = identity.nextKey();
    identity.useNextKey(offered.id);
    expect(identity.keyId).toBe(offered.id);
    expect(thrown(() => identity.useNextKey(offered.id))?.code).toBe("store.identity");
    expect(loadIdentity(keys).keyId).toBe(offered.id);
    expect(offered.id).not.toBe(keyId);
  });

  test("gives an id that the wire accepts, the base32 of the key's hash", () => {
    const { nodeId, publicKey } = ephemeralIdentity();
    expect(nodeIdSchema.parse(nodeId)).toBe(nodeId);
    expect(nodeId).toBe(nodeIdOf(publicKey));
    // RFC 4648 alphabet, computed a second way: five bits at a time from the text of all bits.
    const bits = [...createHash("sha256").update(publicKey).digest()]
      .map((byte) => byte.toString(2).padStart(8, "0"))
      .join("");
    const letters = Array.from({ length: 26 }, (_, index) =>
      "abcdefghijklmnopqrstuvwxyz234567".charAt(Number.parseInt(bits.slice(index * 5, index * 5 + 5), 2)),
    );
    expect(nodeId).toBe(`n_${letters.join("")}`);
  });

  test("proves messages to others by the public key alone", () => {
    const { publicKey, sign } = ephemeralIdentity();
    const signature = sign("message");
    expect(verifySignature(publicKey, "message", signature)).toBe(true);
    expect(verifySignature(publicKey, new TextEncoder().encode("message"), signature)).toBe(true);
    expect(verifySignature(publicKey, "massage", signature)).toBe(false);
    expect(verifySignature(ephemeralIdentity().publicKey, "message", signature)).toBe(false);
    expect(verifySignature(publicKey, "message", "no signature")).toBe(false);
    expect(verifySignature(publicKey.subarray(1), "message", signature)).toBe(false);
    expect(verifySignature(new Uint8Array(32).fill(255), "message", signature)).toBe(false);
  });

  test("is refused, and not replaced, when others could read it or it is damaged", () => {
    const keys = join(testFolder(), "keys");
    loadIdentity(keys);
    const path = join(keys, "node.key");
    chmodSync(path, 0o640);
    expect(thrown(() => loadIdentity(keys))).toMatchObject({ code: "store.identity" });
    chmodSync(path, 0o600);
    writeFileSync(path, "garbage");
    const error = thrown(() => loadIdentity(keys));
    expect(error?.code).toBe("store.identity");
    expect(error?.message).toContain("restore it from a backup");
    expect(readFileSync(path, "utf8")).toBe("garbage");
  });
});

describe("the epoch", () => {
  test("counts the starts", () => {
    const keys = testFolder();
    expect([nextEpoch(keys), nextEpoch(keys), nextEpoch(keys)]).toEqual([1, 2, 3]);
    expect(modeOf(statSync(join(keys, "epoch")))).toBe("600");
  });

  test("is not guessed when its file is damaged", () => {
    const keys = testFolder();
    writeFileSync(join(keys, "epoch"), "12a");
    expect(thrown(() => nextEpoch(keys))?.code).toBe("store.identity");
  });
});
