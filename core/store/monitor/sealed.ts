/** Where sealed secrets lie. A column that holds some has its entry here, or a new key would leave it behind. */
import { eq, like } from "drizzle-orm";
import type { MonitorDatabase } from "./drizzle.ts";
import { settings } from "./schema.ts";

export interface SealedPlace {
  /** `table.column`, as given to the vault. */
  purpose: string;
  rows(): { id: string; record: string }[];
  write(id: string, record: string): void;
}

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
  ];
}
