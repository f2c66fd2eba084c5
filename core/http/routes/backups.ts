import { backupList, madeBackup, toItem, toList } from "../../backup/item.ts";
import { defineRoute } from "../route.ts";
import { actor } from "./common.ts";

const tags = ["settings"];

export const backupRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/backups",
    access: { permission: "settings.read", scope: "tree" },
    operationId: "listBackups",
    summary: "Backups of this Monitor, and how their schedule stands",
    tags,
    response: backupList,
    handler: ({ services }) => toList(services.backups),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/backups",
    access: { permission: "settings.write", scope: "tree" },
    operationId: "createBackup",
    summary: "Make a backup now; answers when it is done and checked",
    tags,
    response: madeBackup,
    status: 201,
    async handler({ services, principal }) {
      const made = await services.backups.create("asked", actor(principal));
      return { ...toItem(made), withoutKeys: made.withoutKeys };
    },
  }),
];
