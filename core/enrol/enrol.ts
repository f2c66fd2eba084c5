/** Everything about nodes that come from outside: tokens, enrolment, signed messages, links; one object for the API. */
import { type Clock, type Log, type Principal } from "cortex";
import type { Audit } from "../access/audit.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { DecidingKey } from "../store/deciding-key.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { createEnrolment, type Enrolment, type EnrolmentLimits } from "./enrolment.ts";
import type { MonitorKey } from "./key.ts";
import { createLinks, type Links } from "./links.ts";
import { createMessages, messageErrors, type Messages } from "./messages.ts";
import { createTokens, type Tokens } from "./tokens.ts";

export interface EnrolDeps {
  clock: Clock;
  log: Log;
  store: MonitorStore;
  monitor: Monitor;
  audit: Audit;
  newId: () => string;
  key: MonitorKey;
  localNode: string;
  limits: () => EnrolmentLimits;
  /** sha256 of the served certificate or its key, hex, where nodes must pin it: no public authority signed it. */
  serverFingerprint: () => string | null;
  /** Whose decisions nodes carry out. */
  decidingKey: DecidingKey;
  /** Only for controls of the tests: one guard off. */
  unguarded?: { signature?: boolean; replay?: boolean; sessions?: boolean };
}

export interface Enrol {
  key: MonitorKey;
  decidingKey: DecidingKey;
  localNode: string;
  tokens: Tokens;
  nodes: Enrolment;
  messages: Messages;
  links: Links;
  serverFingerprint: () => string | null;
  /** Of nodes that come with an API key: what their enrolment says counts for these, too. */
  assertMaySpeak(principal: Principal): void;
  /** Once a minute. */
  tidy(): void;
  stop(): void;
}

export function createEnrol(deps: EnrolDeps): Enrol {
  const { store, monitor } = deps;
  const unguarded = deps.unguarded ?? {};
  const nodes: Enrolment = createEnrolment({ ...deps, onShut: (node) => links.end(node) });
  const links = createLinks({ ...deps, quarantine: nodes.quarantine, unguarded: unguarded.sessions });
  const tokens = createTokens(deps);
  return {
    key: deps.key,
    decidingKey: deps.decidingKey,
    localNode: deps.localNode,
    serverFingerprint: deps.serverFingerprint,
    tokens,
    nodes,
    links,
    messages: createMessages({ ...deps, nameOf: monitor.nodes.nameOf, unguarded }),
    assertMaySpeak({ nodeId }) {
      const state = nodeId === undefined ? undefined : store.enrolment.nodes.get(nodeId)?.state;
      if (state === undefined || state === "active") return;
      throw messageErrors[state](`this node is ${state}; nothing is taken from it`);
    },
    tidy() {
      tokens.tidy();
      nodes.tidy();
    },
    stop: () => links.stop(),
  };
}
