/** Everything the palette offers, from what is known now and where one is. */
import { useLocation, useNavigate } from "@solidjs/router";
import { createMemo, createSignal, type Accessor } from "solid-js";
import { runChecks } from "../features/checks/run-checks.ts";
import { verifyLedger } from "../features/intents/verify-ledger.ts";
import { bucketOf } from "../features/fleet/fleet.model.ts";
import { NODE_TABS, nodeTabHref } from "../features/nodes/tab.model.ts";
import { intentLook, mergeIntents } from "../features/intents/intent.model.ts";
import { compareProblems, mergeProblems, openProblems } from "../features/problems/problem.model.ts";
import { ApiError } from "../data/api.ts";
import { api, live, mayAct, session, settings } from "../data/app.ts";
import { LANGUAGES, setLanguage, type Language } from "../texts/i18n.ts";
import { whenIdle } from "../lib/idle.ts";
import { setTheme, THEMES } from "../lib/preferences.ts";
import type { Check, Intent, NodeItem, Problem } from "../data/types.ts";
import { openSwitch } from "./autonomy-switch.tsx";
import { detailHref } from "./detail.model.ts";
import { askedFor, hayOf, type Entry } from "./palette.model.ts";
import { text } from "./palette-texts.ts";
import { SCREENS, WALL } from "./screens.ts";
import { openShortcuts } from "./shortcuts.tsx";

/** A search on the server begins when typing pauses. */
const PAUSE_MS = 150;
const FOUND = 8;
const CHECKS = 200;
const READY_AT_ONCE = 100;

/** What the server found: more than the live data holds. */
interface Found {
  nodes: NodeItem[];
  problems: Problem[];
  repairs: Intent[];
}
const NOTHING: Found = { nodes: [], problems: [], repairs: [] };

/** The same answer for the same object. */
function keptBy<T extends object, R>(make: (item: T) => R): (item: T) => R {
  const made = new WeakMap<T, R>();
  return (item) => {
    const known = made.get(item) ?? make(item);
    made.set(item, known);
    return known;
  };
}

export function createEntries(query: Accessor<string>) {
  const navigate = useNavigate();
  const location = useLocation();
  const [checks, setChecks] = createSignal<Check[]>([]);
  const [found, setFound] = createSignal(NOTHING);

  /** The node whose page is open, else the only one there is. */
  const here = (): NodeItem | undefined => {
    const nodes = live.data.nodes.items;
    const id = /^\/nodes\/([^/]+)/.exec(location.pathname)?.[1];
    return id === undefined
      ? nodes.length === 1
        ? nodes[0]
        : undefined
      : nodes.find((node) => node.id === id);
  };

  async function ask<T>(question: Promise<T>, then: (answer: T) => void): Promise<void> {
    try {
      then(await question);
    } catch (error) {
      // What can't be asked is not offered; the connection pill tells why.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  let timer = 0;
  /** A large fleet, and what is over for longer than the live data goes back, is searched by the server. */
  function lookFurther(words: string): void {
    clearTimeout(timer);
    const wanted = askedFor(words);
    if (wanted === null) return void setFound(NOTHING);
    const query = { text: wanted, limit: FOUND };
    const learn = (part: Partial<Found>) => setFound((known) => ({ ...known, ...part }));
    timer = window.setTimeout(() => {
      void ask(api.list("nodes", query), ({ items }) => learn({ nodes: items }));
      void ask(api.list("problems", query), ({ items }) => learn({ problems: items }));
      void ask(api.list("intents", { ...query, kind: "repair" }), ({ items }) => learn({ repairs: items }));
    }, PAUSE_MS);
  }

  /** Asked for when the palette opens. */
  const loadChecks = () =>
    ask(api.list("checks", { limit: CHECKS, node: here()?.id }), (page) => setChecks(page.items));

  /** Made once for each version of an item: thousands of them are there at each key. */
  const nodeEntry = keptBy((node: NodeItem): Entry => ({
    id: node.id,
    group: "nodes",
    icon: bucketOf(node) === "healthy" ? "server" : bucketOf(node) === "offline" ? "offline" : "problem",
    title: node.name,
    hint: [node.group, text().nodeState[node.state]].filter(Boolean).join(" · "),
    words: [node.os, ...node.tags, ...Object.values(node.labels)].join(" "),
    run: () => navigate(`/nodes/${node.id}`),
  }));
  const nodeEntries = (): Entry[] => {
    const known = live.data.nodes.items;
    const ids = new Set(known.map(({ id }) => id));
    return [...known, ...found().nodes.filter(({ id }) => !ids.has(id))].map(nodeEntry);
  };

  /** Makes what the first letter is looked for in, a bit at a time while nothing else is to do. Answers how to call it off. */
  function makeReady(): () => void {
    const nodes = live.data.nodes.items;
    let [next, off] = [0, false];
    const some = () => {
      const end = Math.min(next + READY_AT_ONCE, nodes.length);
      for (; next < end && !off; next += 1) hayOf(nodeEntry(nodes[next]!));
      if (next < nodes.length && !off) whenIdle(some);
    };
    whenIdle(some);
    return () => (off = true);
  }

  const problemEntry = keptBy((problem: Problem): Entry => ({
    id: problem.id,
    group: "problems",
    icon: problem.severity === "critical" ? "critical" : "problem",
    title: problem.summary,
    hint: problem.state === "open" ? problem.nodeName : `${problem.nodeName} · ${text().problem.resolved}`,
    words: `${problem.check} ${problem.target} ${problem.type}`,
    isPast: problem.state === "resolved",
    run: () => navigate(location.pathname + detailHref(location.search, { kind: "problem", id: problem.id })),
  }));
  const openEntries = createMemo(() =>
    openProblems(live.data.problems.items).sort(compareProblems).map(problemEntry),
  );
  /** With those that are over, newest first. */
  const problemEntries = createMemo(() => {
    const known = live.data.problems.items;
    const ids = new Set(known.map(({ id }) => id));
    const further = found().problems.filter(({ id }) => !ids.has(id));
    const over = mergeProblems(
      known.filter(({ state }) => state === "resolved"),
      further.filter(({ state }) => state === "resolved"),
    );
    return [...openEntries(), ...[...openProblems(further), ...over].map(problemEntry)];
  });

  const repairEntry = keptBy((intent: Intent): Entry => ({
    id: intent.id,
    group: "repairs",
    icon: "wrench",
    title: intent.summary,
    hint: `${intent.nodeName} · ${intentLook(intent, text()).word}`,
    words: `${intent.repair ?? ""} ${intent.target ?? ""}`,
    run: () => navigate(location.pathname + detailHref(location.search, { kind: "intent", id: intent.id })),
  }));
  /** Newest first. */
  const repairEntries = createMemo(() =>
    mergeIntents(
      live.data.intents.items.filter(({ kind }) => kind === "repair"),
      found().repairs,
    ).map(repairEntry),
  );

  const checkEntries = createMemo((): Entry[] => {
    const node = here();
    const unique = new Map(checks().map((check) => [check.id, check]));
    return [...unique.values()]
      .filter((check) => node === undefined || (mayAct() && check.state === "active"))
      .map((check) => ({
        id: `check ${check.id}`,
        group: "checks",
        icon: node === undefined ? "pulse" : "play",
        title: node === undefined ? check.id : text().palette.runOn(check.id, node.name),
        hint: check.summary,
        run: () =>
          node === undefined
            ? navigate(`/checks?q=${encodeURIComponent(check.id)}`)
            : void runChecks(node.id, check.id),
      }));
  });

  const hereEntries = createMemo((): Entry[] => {
    const node = here();
    if (node === undefined) return [];
    const run: Entry = {
      id: "run-all",
      group: "here",
      icon: "play",
      title: text().palette.runAllOn(node.name),
      run: () => void runChecks(node.id, null),
    };
    const tabs = NODE_TABS.filter((tab) => tab !== "overview").map((tab): Entry => ({
      id: `tab ${tab}`,
      group: "here",
      icon: "arrow-right",
      title: text().palette.openTab(text().nodeTab.tabs[tab], node.name),
      run: () => navigate(`/nodes/${node.id}${nodeTabHref(tab)}`),
    }));
    return mayAct() ? [run, ...tabs] : tabs;
  });

  const pageEntries = createMemo((): Entry[] =>
    SCREENS.map((screen) => ({
      id: screen.path,
      group: "pages",
      icon: screen.icon,
      title: text().nav[screen.name],
      run: () => navigate(screen.path),
    })),
  );

  const action = (id: string, icon: Entry["icon"], title: string, run: () => void): Entry => ({
    id,
    group: "actions",
    icon,
    title,
    run,
  });

  const actionEntries = createMemo((): Entry[] => {
    const t = text();
    const off = settings()?.switch === "off";
    return [
      action("verify", "shield", t.verify.action, () => void verifyLedger()),
      ...(mayAct()
        ? [
            action(
              "switch",
              off ? "shield" : "shield-off",
              off ? t.palette.switchOn : t.palette.switchOff,
              () => openSwitch(off),
            ),
          ]
        : []),
      action("wall", "monitor", t.palette.wall, () => navigate(WALL)),
      action("shortcuts", "keyboard", t.shortcuts.title, openShortcuts),
      ...THEMES.map((theme) =>
        action(`theme ${theme}`, "monitor", t.palette.theme(t.account.themes[theme]), () => setTheme(theme)),
      ),
      ...(Object.keys(LANGUAGES) as Language[]).map((language) =>
        action(
          `language ${language}`,
          "person",
          t.palette.language(LANGUAGES[language]),
          () => void setLanguage(language),
        ),
      ),
      action("logout", "logout", t.account.logout, () => void session.logout()),
    ];
  });

  return {
    makeReady,
    loadChecks,
    lookFurther,
    /** With nothing typed: what is near. Everything else is found by typing. */
    all: (): Entry[] =>
      query().trim() === ""
        ? [...hereEntries(), ...pageEntries(), ...openEntries(), ...actionEntries().slice(0, 3)]
        : [
            ...hereEntries(),
            ...pageEntries(),
            ...nodeEntries(),
            ...problemEntries(),
            ...repairEntries(),
            ...checkEntries(),
            ...actionEntries(),
          ],
  };
}
