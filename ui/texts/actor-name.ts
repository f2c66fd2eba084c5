/** Who did something, as people call them. */
import { text } from "./i18n.ts";

/** `user:anna` is anna, `key:ci` is ci, `local` is whoever was on the host. */
export const actorName = (actor: string): string =>
  actor === "local" ? text().common.onHost : actor.replace(/^(user|key):/, "");
