import type { DataDir } from "../data-dir.ts";
import { storedVersion } from "../migrate.ts";
import { MIGRATIONS } from "./check-database.ts";

/** Whether a database holds data of an older schema, which opening it changes. */
export function hasOlderSchema(dir: DataDir): boolean {
  const versions = [
    [storedVersion(dir.agentDb), MIGRATIONS["agent.db"].length],
    [storedVersion(dir.monitorDb), MIGRATIONS["monitor.db"].length],
  ] as const;
  // A newer one is refused when it is opened, by name of both versions.
  return (
    versions.some(([found, known]) => found > 0 && found < known) &&
    versions.every(([found, known]) => found <= known)
  );
}
