/** Who may import whom; the table of docs/architecture.md as data. */

/** Folders of core, each with those below it that it may import. A folder may always import itself. */
const LOW = ["sdk", "domain", "ports", "config", "wire", "store"];
export const CORE: Record<string, readonly string[]> = {
  sdk: [],
  domain: ["sdk"],
  ports: ["sdk", "domain"],
  config: ["sdk", "domain", "ports"],
  wire: ["sdk", "domain"],
  store: ["sdk", "domain", "ports", "wire"],
  scheduler: LOW,
  host: [...LOW, "scheduler"],
  pipeline: [...LOW, "scheduler", "host"],
  uplink: LOW,
  helper: LOW,
  access: LOW,
  // Both halves of a host are backed up together, so it alone sees the tables of both.
  backup: [...LOW, "access"],
  monitor: [...LOW, "access"],
  enrol: [...LOW, "access", "monitor"],
  decide: [...LOW, "access", "monitor"],
  mcp: ["sdk", "monitor"],
  http: [...LOW, "scheduler", "host", "access", "backup", "monitor", "enrol", "decide", "mcp"],
  testing: [
    ...LOW,
    "scheduler",
    "host",
    "pipeline",
    "uplink",
    "helper",
    "access",
    "monitor",
    "enrol",
    "decide",
    "backup",
    "mcp",
    "http",
  ],
};

/** Packages a folder may name, where they are few; the others may name any. `node:` and `bun` are packages here. */
const PACKAGES: Record<string, RegExp> = {
  sdk: /^(zod|elysia|re2js)$/,
  // Hashing is pure (there is no synchronous hash in Web Crypto), and a word list is data.
  domain: /^(zod|node:crypto|@scure\/bip39\/wordlists\/english\.js)$/,
  wire: /^zod$/,
};

/** The agent's side and the Monitor's side share no tables: only a link joins them. */
const AGENT_SIDE = ["scheduler", "host", "pipeline", "uplink"];
const MONITOR_SIDE = ["access", "monitor", "enrol", "decide", "mcp", "http"];

/** Places where the runtime's own modules may be named; everywhere else another runtime must be able to run it. */
const BUN_ALLOWED = /^(core\/(ports|store|testing)|agent|scripts|ui\/vite)\b|\.test\.tsx?$|\/testing\//;

export interface Edge {
  from: string;
  /** Path in the tree, or the package's specifier when `isPackage`. */
  to: string;
  isPackage: boolean;
  typeOnly: boolean;
}

/** Why this import is forbidden, or null. */
export function forbidden(edge: Edge): string | null {
  if (edge.isPackage) return forbiddenPackage(edge);
  const [fromTop, fromFolder] = edge.from.split("/") as [string, string];
  const [toTop, toFolder] = edge.to.split("/") as [string, string];
  if (toTop === "scripts" && fromTop !== "scripts") return "nothing imports scripts";
  const isTest = isTestCode(edge.from);
  if (toTop === "core" && toFolder === "testing" && !isTest && fromTop !== "scripts") {
    return "product code never imports core/testing";
  }
  if (fromTop === "core") return forbiddenInCore(edge, fromFolder, toTop, toFolder, isTest);
  if (fromTop === "plugins") return forbiddenInPlugin(edge, fromFolder, toTop, toFolder, isTest);
  if (fromTop === "agent") return forbiddenInAgent(edge, toTop);
  if (fromTop === "ui" && toTop !== "ui" && !edge.typeOnly)
    return "ui imports only types from the rest of the tree";
  return null;
}

const isTestCode = (path: string) =>
  /\.(test|contract)\.tsx?$/.test(path) || path.startsWith("core/testing/");

function forbiddenPackage({ from, to, typeOnly }: Edge): string | null {
  if (isTestCode(from)) return null;
  if (/^bun(:|$)/.test(to) && !BUN_ALLOWED.test(from))
    return "bun modules belong in core/ports, core/store and agent";
  const [top, folder] = from.split("/") as [string, string];
  if (to === "re2js" && from !== "core/sdk/pattern.ts")
    return "patterns of people are compiled in core/sdk/pattern.ts only";
  if (top === "plugins" && to.startsWith("node:")) return "plugins reach the system through ctx only";
  const allowed = top === "core" ? PACKAGES[folder] : undefined;
  if (allowed && !allowed.test(to)) return `core/${folder} may name only packages like ${allowed.source}`;
  if (to === "elysia" && folder === "sdk" && !typeOnly) return "core/sdk may import only types of elysia";
  return null;
}

function forbiddenInCore(
  edge: Edge,
  fromFolder: string,
  toTop: string,
  toFolder: string,
  isTest: boolean,
): string | null {
  if (toTop !== "core") return "core never imports plugins, agent, ui or scripts";
  const below = CORE[fromFolder];
  if (!below) return `core/${fromFolder} has no place in the order of layers (scripts/layers/rules.ts)`;
  if (toFolder === fromFolder || isTest) return null;
  if (!below.includes(toFolder))
    return `core/${fromFolder} may not import core/${toFolder}: imports go downwards`;
  if (AGENT_SIDE.includes(fromFolder) && /^core\/store\/(monitor|metrics)\//.test(edge.to)) {
    return "the agent's side shares no tables with the Monitor";
  }
  if (MONITOR_SIDE.includes(fromFolder) && edge.to.startsWith("core/store/agent/")) {
    return "the Monitor's side shares no tables with the agent";
  }
  return null;
}

function forbiddenInPlugin(
  edge: Edge,
  fromFolder: string,
  toTop: string,
  toFolder: string,
  isTest: boolean,
): string | null {
  if (edge.from === "plugins/index.gen.ts") return toTop === "plugins" ? null : registryMayName(toFolder);
  if (toTop === "core") {
    if (toFolder === "sdk") return null;
    return isTest && toFolder === "testing"
      ? null
      : "a plugin imports the SDK (cortex), not other folders of core";
  }
  if (toTop !== "plugins") return "a plugin imports the SDK, plugins/common and its own files";
  if (toFolder === fromFolder || toFolder === "common") return null;
  return "plugins never import each other: share through plugins/common";
}

const registryMayName = (toFolder: string) =>
  toFolder === "sdk" ? null : "the registry imports only plugins";

function forbiddenInAgent(edge: Edge, toTop: string): string | null {
  if (toTop === "plugins" && edge.to !== "plugins/index.gen.ts") {
    return "the program knows plugins only through plugins/index.gen.ts";
  }
  if (toTop === "ui") return "the program takes the built dashboard, never its sources";
  return null;
}
