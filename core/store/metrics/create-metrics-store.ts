/** Puts the parts of metrics.db together. */
import { openConnection } from "../connection.ts";
import { createDictionary } from "./dictionary.ts";
import type { MetricsOptions, MetricsStore } from "./metrics-store.ts";
import { createPrune } from "./prune.ts";
import { createQuery } from "./query.ts";
import { metricsMigrations } from "./schema.ts";
import { createWriter } from "./writer.ts";

/** Open `metrics.db` (or ":memory:" in tests). Errors: those of `openDatabase` and `migrate`. */
export function createMetricsStore(path: string, options: MetricsOptions): MetricsStore {
  const connection = openConnection(path, metricsMigrations, { incrementalVacuum: true });
  const dictionary = createDictionary(connection);
  const writer = createWriter(connection, dictionary, options);
  const query = createQuery(connection, dictionary, writer, options);
  const prune = createPrune(connection, dictionary, writer, options);
  return {
    append: writer.append,
    transaction: writer.transaction,
    query,
    seriesOf: (node) => dictionary.seriesOf(node).map((series) => series.name),
    ...prune,
    close: () => {
      writer.flush();
      connection.close();
    },
  };
}
