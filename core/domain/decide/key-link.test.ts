import { expect, test } from "bun:test";
import { createTestBeliefs } from "../../testing/test-beliefs.ts";
import { createTestDecidingKey } from "../../testing/test-deciding-key.ts";
import { keyName } from "../../store/identity.ts";
import { ephemeralKeyPair, verifySignature } from "../../store/key-file.ts";
import { createUpstreamFiles, type Upstream } from "../../store/upstream.ts";
import { testFolder } from "../../testing/test-folder.ts";
import { decidingKeys, followInto } from "../../uplink/deciding-keys.ts";
import { followKeyLinks, type KeyLink, keyLinkBytes, MAX_OVERLAP_MS } from "./key-link.ts";

const NOW = 1_800_000_000_000;
const identity = ephemeralKeyPair();
const base64 = (name: string) => Buffer.from(name, "base64url").toString("base64");
const verify = (signer: string, message: string, signature: string) =>
  verifySignature(new Uint8Array(Buffer.from(signer, "base64url")), message, signature);

/** A Monitor that rotated this often, a minute apart. */
function rotated(times: number, keepsOld = true) {
  const key = createTestDecidingKey();
  const first = key.name;
  for (let time = 0; time < times; time += 1) key.rotate(identity, { now: NOW + time * 60_000, keepsOld });
  return { key, first, links: [...key.links()] };
}

const facts = (trusted: string | null, banned: string[] = []) => ({
  trusted,
  monitor: keyName(identity.publicKey),
  banned,
  verify,
  now: NOW + MAX_OVERLAP_MS,
});
const reasonOf = (raw: unknown, ...given: Parameters<typeof facts>) => {
  const found = followKeyLinks(raw, facts(...given));
  return "verdict" in found ? found.reason : found.links.length;
};

test("a node follows the links from the key it knows to the newest one, however many it missed", () => {
  const { first, links } = rotated(3);
  expect(reasonOf(links, first)).toBe(3);
  expect(reasonOf(links, links[0]!.to)).toBe(2);
  expect(reasonOf(links, links[2]!.to)).toBe(0);
});

test("T24 a link that is altered in any field, or lacks one of its three signatures, moves no node", () => {
  const { first, links } = rotated(1);
  const [link] = links as [KeyLink];
  const stranger = ephemeralKeyPair();
  const forged = stranger.sign(keyLinkBytes(link));
  const changes: Partial<KeyLink>[] = [
    { to: keyName(stranger.publicKey) },
    { at: link.at - 1 },
    { until: link.until - 1 },
    ...(["from", "to", "monitor"] as const).map((one) => ({
      signatures: { ...link.signatures, [one]: forged },
    })),
  ];
  for (const change of changes) expect(reasonOf([{ ...link, ...change }], first)).toBe("bad_signature");
  expect(reasonOf([{ ...link, extra: 1 }], first)).toBe("malformed_approval");
  expect(reasonOf([], first)).toBe("malformed_approval");
  expect(reasonOf(links, keyName(stranger.publicKey))).toBe("unknown_signer");
});

test("T24 neither the Monitor's identity key nor the deciding key alone hands out another", () => {
  const key = createTestDecidingKey();
  const first = key.name;
  const thief = ephemeralKeyPair();
  key.rotate(thief, { now: NOW, keepsOld: true });
  expect(reasonOf([...key.links()], first)).toBe("bad_signature");
  const other = rotated(1);
  const link = { ...other.links[0]!, from: first };
  const message = keyLinkBytes(link);
  const signatures = {
    from: identity.sign(message),
    to: link.signatures.to,
    monitor: identity.sign(message),
  };
  expect(reasonOf([{ ...link, signatures }], first)).toBe("bad_signature");
});

test("T24 a key that was removed or replaced on a node is not taken up again, nor one of the future, nor a longer overlap", () => {
  const { first, links } = rotated(2);
  expect(reasonOf(links, first, [links[1]!.to])).toBe("replayed");
  expect(reasonOf(links, null)).toBe("unknown_signer");
  const long = createTestDecidingKey();
  const [from, next] = [long.name, long.next()];
  long.rotate(identity, { now: NOW + 2 * MAX_OVERLAP_MS, keepsOld: true });
  expect(long.name).toBe(next);
  expect(reasonOf([...long.links()], from)).toBe("not_yet_valid");
});

function joined(decisionKey: string | null, more: Partial<Upstream> = {}) {
  const folder = testFolder();
  const files = createUpstreamFiles(folder);
  const publicKey = Buffer.from(identity.publicKey).toString("base64");
  const rest = { url: "https://monitor.example/", fingerprint: null, joinedAt: 0, keySince: 0 };
  files.write({ ...rest, publicKey, decisionKey, ...more });
  return { files, beliefs: createTestBeliefs(folder) };
}

test("T24 on the node the old key is good for the overlap and no longer, also when its clock goes back", () => {
  const { first, links } = rotated(1);
  const { files, beliefs } = joined(base64(first));
  expect(followInto(beliefs, links, NOW + 1000, "monitor")).toEqual({ from: first, to: links[0]!.to });
  const at = (now: number) => decidingKeys(files.read(), now);
  expect(at(NOW + 1000)).toEqual([links[0]!.to, first]);
  expect(at(NOW + MAX_OVERLAP_MS - 1)).toContain(first);
  expect(at(NOW + MAX_OVERLAP_MS)).toEqual([links[0]!.to]);
  expect(at(NOW - 3_600_000)).toEqual([links[0]!.to]);
  expect(followInto(beliefs, links, NOW + 2000, "monitor")).toEqual({ from: links[0]!.to, to: links[0]!.to });
});

test("T24 a rotation at once leaves the old key nothing, and a node that took its key away follows nowhere", () => {
  const { first, links } = rotated(1, false);
  const one = joined(base64(first));
  followInto(one.beliefs, links, NOW, "monitor");
  expect(decidingKeys(one.files.read(), NOW)).toEqual([links[0]!.to]);
  const removed = joined(null, { refusedKeys: [base64(first)] });
  expect(followInto(removed.beliefs, links, NOW, "monitor")).toMatchObject({ reason: "unknown_signer" });
  expect(decidingKeys(removed.files.read(), NOW)).toEqual([]);
});
