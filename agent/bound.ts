/** What of the configuration is bound at start: a reload keeps it and says so, instead of taking one half of it. */
import { changedSections, type ConfigSection } from "../core/config/diff.ts";
import type { Config } from "../core/config/schema.ts";
import { wantsTls } from "../core/ports/network/server-certificate.ts";

const BOUND: readonly ConfigSection[] = [
  "host_root",
  "data_dir",
  "plugins_dir",
  "node",
  "link",
  "log",
  "secrets",
  "retention",
  "role",
  "upstream",
];
/** Of these, the part that is not bound takes effect at once. */
const PARTLY_BOUND: readonly ConfigSection[] = ["server", "engine"];

/** What a reload brings, but for what stays bound. */
export function withBound(before: Config, after: Config): Config {
  const bound = Object.fromEntries(BOUND.map((section) => [section, before[section]]));
  return { ...after, ...bound, engine: { ...after.engine, tick: before.engine.tick } };
}

/** The sections of which something waits for a restart. */
export function waiting(before: Config, after: Config): ConfigSection[] {
  const isBound = (section: ConfigSection) =>
    section === "server"
      ? before.server.listen !== after.server.listen ||
        wantsTls(before.server.tls) !== wantsTls(after.server.tls)
      : section !== "engine" || before.engine.tick !== after.engine.tick;
  return changedSections(before, after).filter(
    (section) => BOUND.includes(section) || (PARTLY_BOUND.includes(section) && isBound(section)),
  );
}
