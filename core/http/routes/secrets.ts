import * as z from "zod";
import { rotateKey } from "../../access/sealed.ts";
import { defineRoute } from "../route.ts";
import { actor } from "./common.ts";

export const secretRoutes = [
  defineRoute({
    method: "POST",
    path: "/api/v1/secrets/rotate",
    access: { permission: "settings.write", scope: "tree", recent: true },
    operationId: "rotateSecretsKey",
    summary: "Encrypt every stored secret under a new key",
    tags: ["settings"],
    body: z.strictObject({
      keepOld: z.boolean().optional().describe("Keep the old key for reading older backups"),
    }),
    response: z.strictObject({
      records: z.number().int().describe("Secrets that were encrypted anew"),
      key: z.string().describe("Where the key is kept"),
    }),
    handler({ services: { monitor, vault, sealedBeside }, principal, body }) {
      const options = {
        actor: actor(principal),
        keepOld: body.keepOld ?? false,
        others: sealedBeside(),
      };
      return { records: rotateKey(monitor.store, vault, options), key: vault.where };
    },
  }),
];
