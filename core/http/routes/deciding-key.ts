/** The key with which this Monitor decides, replaced. Nodes follow by the link that the old key signs. */
import * as z from "zod";
import { recorded } from "../../access/audit.ts";
import { fingerprintWords } from "../../domain/node-key.ts";
import { isoTime, toIso } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import { actor } from "./common.ts";

export const decidingKeyRoutes = [
  defineRoute({
    method: "POST",
    path: "/api/v1/deciding-key/rotate",
    access: { permission: "settings.write", scope: "tree", recent: true },
    operationId: "rotateDecidingKey",
    summary: "Decide with a new key, for which the old one vouches to every node",
    tags: ["decisions"],
    body: z.strictObject({
      now: z.boolean().optional().describe("What the old key signed and nobody has begun is void at once"),
    }),
    response: z.strictObject({
      from: z.string().describe("The key before, base64url"),
      key: z.string().describe("The key in force, base64url"),
      words: z.string().describe("Its fingerprint, for those who trust it by hand"),
      until: isoTime.describe("So long nodes carry out what the old key has signed"),
    }),
    async handler({ services: { access, clock, decide, enrol }, principal, body }) {
      const { decidingKey } = enrol;
      const keepsOld = body.now !== true;
      const payload = { from: decidingKey.name, to: decidingKey.next(), keepsOld };
      return recorded(access.audit, ["deciding_key.rotated", actor(principal), payload], async () => {
        const { from, to: key, until } = decidingKey.rotate(enrol.key, { now: clock.now(), keepsOld });
        decide.keyChanged();
        return { from, key, words: fingerprintWords(decidingKey.publicKey), until: toIso(until) };
      });
    },
  }),
];
