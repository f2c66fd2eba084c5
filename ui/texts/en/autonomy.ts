/** Texts of the page about what repairs have earned. */
import type { AutonomyState } from "../../data/types.ts";

export const enAutonomy = {
  earned: {
    offers: "Earned, waits for your yes",
    offer: (repair: string, place: string) => `${repair} on ${place}`,
    evidence: (held: number, failed: number, percent: number) =>
      `${held} of ${held + failed} held: at least ${percent}%`,
    accept: "Let it act",
    grants: "What repairs may do",
    add: "Set one",
    empty: "Nothing is said of any repair",
    emptyBody:
      "Their class and the policy decide. What is approved again and again, and holds, is offered here.",
    repair: "Repair",
    seen: "Since it last asked",
    nodes: "Nodes",
    where: "Where",
    whereHint: "*, node:ID, label:KEY=VALUE or group:NAME",
    may: "May",
    reason: "Reason",
    until: "until",
    everywhere: "every node",
    states: { act: "acts", ask: "asks", shadow: "shadow" } satisfies Record<AutonomyState, string>,
    explained: {
      act: "It repairs without asking, where it has earned it. Never host level, never data.",
      ask: "Somebody decides each time.",
      shadow: "It only says what it would do.",
    } satisfies Record<AutonomyState, string>,
    told: (told: number, waiting: number, refused: number) =>
      [
        `${told} know`,
        ...(waiting > 0 ? [`${waiting} to be told`] : []),
        ...(refused > 0 ? [`${refused} refuse`] : []),
      ].join(", "),
    acts: { accept: "Let it act", demote: "Ask again", remove: "Remove" },
    title: {
      accept: (repair: string, place: string) => `Let ${repair} act on ${place}?`,
      demote: (repair: string, place: string) => `Let ${repair} ask again on ${place}?`,
      remove: (repair: string, place: string) => `Say nothing of ${repair} on ${place}?`,
    },
    body: {
      accept: "It repairs without asking from now on. The first bad outcome takes this back at once.",
      demote: "Somebody decides each time. What it has earned so far counts no more.",
      remove: "Its class and the policy decide again.",
    },
    done: { accept: "It acts from now on", demote: "It asks from now on", remove: "Removed" },
    shadows: "What shadows would have done",
    noShadows: "No repair is in shadow, or nothing happened",
    history: "Before",
    was: (repair: string, place: string, state: string) => `${repair} on ${place}: ${state}`,
  },
};
