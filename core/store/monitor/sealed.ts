/** Where sealed secrets lie in monitor.db. */
import { eq, isNotNull, like } from "drizzle-orm";
import type { SealedPlace } from "../../ports/secrets/vault.ts";
import type { MonitorDatabase } from "./drizzle.ts";
import { sessions, settings } from "./access.schema.ts";
import { challenges, factors } from "./sign-in.schema.ts";

/** Settings whose value is sealed begin with this. */
export const SEALED_SETTING = "sealed.";

export function createSealedPlaces(db: MonitorDatabase): readonly SealedPlace[] {
  return [
    {
      purpose: "settings.value",
      rows: () =>
        db
          .select()
          .from(settings)
          .where(like(settings.key, `${SEALED_SETTING}%`))
          .all()
          .map((row) => ({ id: row.key, record: row.value as string })),
      write: (id, record) =>
        void db.update(settings).set({ value: record }).where(eq(settings.key, id)).run(),
    },
    {
      purpose: "factors.data",
      rows: () => db.select({ id: factors.id, record: factors.data }).from(factors).all(),
      write: (id, record) => void db.update(factors).set({ data: record }).where(eq(factors.id, id)).run(),
    },
    {
      purpose: "challenges.state",
      rows: () => db.select({ id: challenges.ticketHash, record: challenges.state }).from(challenges).all(),
      write: (id, record) =>
        void db.update(challenges).set({ state: record }).where(eq(challenges.ticketHash, id)).run(),
    },
    {
      purpose: "sessions.end_url",
      rows: () =>
        db
          .select({ id: sessions.id, record: sessions.endUrl })
          .from(sessions)
          .where(isNotNull(sessions.endUrl))
          .all()
          .map(({ id, record }) => ({ id, record: record! })),
      write: (id, record) =>
        void db.update(sessions).set({ endUrl: record }).where(eq(sessions.id, id)).run(),
    },
  ];
}
