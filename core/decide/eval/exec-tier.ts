/** What the node itself makes of an approval: a real one, signed with a real key, with one thing wrong. */
import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { normal, type Plan } from "cortex";
import { type Approval, approvalBytes } from "../../domain/decide/approval.ts";
import { examine } from "../../domain/decide/examine.ts";
import type { Ruling } from "../../domain/decide/reasons.ts";
import { canonicalJson, sha256Hex } from "../../domain/ledger.ts";
import type { Situation } from "./case.ts";
import { EVAL_NOW } from "./scene.ts";
import { effectsOf, TEST_REPAIRS } from "./test-repairs.ts";

const MINUTE_MS = 60_000;
const LIFE_MS = 10 * MINUTE_MS;
const INTENT = "0199f000-0000-7000-8000-0000000000aa";

interface Key {
  name: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

function createKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    name: (publicKey.export({ format: "jwk" }) as { x: string }).x,
    privateKey,
    publicKey,
  };
}

/** Null: the node would act. */
export async function examineAtNode(one: Situation): Promise<Ruling | null> {
  const wrong = one.exec;
  if (wrong === undefined) throw new Error("the case says nothing about the node");
  const [trusted, foreign] = [createKey(), createKey()];
  const key = wrong.foreignKey ? foreign : trusted;
  const known = TEST_REPAIRS[one.do.repair];
  const repairClass = one.claims ?? known?.class ?? "R4";
  const plan = planOf(one.do);
  const hash = sha256Hex(canonicalJson({ node: one.node, repair: one.do.repair, plan }));
  const now = EVAL_NOW + wrong.minutesLater * MINUTE_MS;
  const unsigned: Approval = {
    v: 1,
    type: "cortex.decision",
    id: INTENT,
    intent: INTENT,
    node: one.node,
    hash,
    class: repairClass,
    approvals: wrong.people.map((principal) => ({
      kind: wrong.approver,
      principal,
      method: "session",
      at: EVAL_NOW,
    })),
    reason: "approved",
    notBefore: EVAL_NOW,
    expiresAt: EVAL_NOW + LIFE_MS,
    nonce: "evaluation-nonce-00001",
    maxRuns: 1,
    signer: key.name,
    signature: "",
    ...wrong.signed,
  };
  const signature = sign(null, Buffer.from(approvalBytes(unsigned)), key.privateKey).toString("base64");
  return examine(
    { ...unsigned, signature, ...wrong.altered },
    {
      approval: {
        node: one.node,
        intent: {
          id: INTENT,
          state: wrong.state,
          hash,
          class: repairClass,
          shadow: one.world.mode === "shadow",
        },
        trusted: [trusted.name],
        verify: (_, message, given) =>
          verify(null, Buffer.from(message), trusted.publicKey, Buffer.from(given, "base64")),
        isUsed: () => wrong.used,
        now,
        ageMs: (wrong.minutesHeld ?? 0) * MINUTE_MS,
      },
      repair: one.do.repair,
      isRegistered: wrong.registered && known !== undefined,
      isProblemOpen: !wrong.problemEnded,
      isAllowedHere: wrong.mode === "ask",
      planThen: plan,
      planNow: async () => {
        if (wrong.planFails) throw new Error("the unit is not known any more");
        return planOf({ ...one.do, ...wrong.planNow });
      },
      realPath: async (path) => followed(path, wrong.links),
    },
  );
}

function planOf(act: Situation["do"]): Plan {
  const { repair, ...params } = act;
  const effects = effectsOf(repair, params);
  return {
    summary: repair,
    changes: [{ what: canonicalJson(params) }],
    effects,
  };
}

/** The case's links, longest first, on a path without `..`: a host of its own in a few lines. */
function followed(path: string, links: Readonly<Record<string, string>>): string {
  const place = normal(path);
  const link = Object.keys(links)
    .toSorted((a, b) => b.length - a.length)
    .find((one) => place === one || place.startsWith(`${one}/`));
  return link === undefined ? place : normal(links[link]! + place.slice(link.length));
}
