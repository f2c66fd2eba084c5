/** Texts of the page about what repairs have earned. */
import type { AutonomyState } from "../../data/types.ts";

export const enAutonomy = {
  earned: {
    offers: "Earned, waiting for approval",
    offer: (repair: string, place: string) => `${repair} on ${place}`,
    evidence: (held: number, failed: number, percent: number) =>
      held + failed === 0 ? "no runs yet" : `${held} of ${held + failed} held: at least ${percent}%`,
    accept: "Let it act",
    grants: "What repairs may do",
    add: "Set autonomy",
    empty: "No repair has a setting of its own",
    emptyBody:
      "Class and policy decide. A repair that is approved again and again, and holds, is offered here.",
    repair: "Repair",
    seen: "Track record",
    nodes: "Nodes",
    where: "Scope",
    whereHint: "*, node:ID, label:KEY=VALUE or group:NAME",
    may: "Mode",
    reason: "Reason",
    until: "until",
    everywhere: "every node",
    states: { act: "Acts", ask: "Asks", shadow: "Shadow" } satisfies Record<AutonomyState, string>,
    explained: {
      act: "It repairs without asking, where it has earned it. Never host level, never data.",
      ask: "Somebody decides each time.",
      shadow: "It only says what it would do.",
    } satisfies Record<AutonomyState, string>,
    told: (told: number, waiting: number, refused: number) =>
      [
        `${told} informed`,
        ...(waiting > 0 ? [`${waiting} pending`] : []),
        ...(refused > 0 ? [`${refused} refused`] : []),
      ].join(", "),
    acts: { accept: "Let it act", demote: "Ask again", remove: "Remove" },
    title: {
      accept: (repair: string, place: string) => `Let ${repair} act on ${place}?`,
      demote: (repair: string, place: string) => `Let ${repair} ask again on ${place}?`,
      remove: (repair: string, place: string) => `Remove the setting of ${repair} on ${place}?`,
    },
    body: {
      accept: "It repairs without asking from now on. The first bad outcome ends this at once.",
      demote: "Somebody decides each time. Its track record starts anew.",
      remove: "Class and policy decide again.",
    },
    done: { accept: "It acts from now on", demote: "It asks from now on", remove: "Removed" },
    shadows: "What shadows would have done",
    noShadows: "No repair in shadow mode had anything to do",
    history: "History",
    was: (repair: string, place: string, state: string) => `${repair} on ${place}: ${state}`,
  },
};
