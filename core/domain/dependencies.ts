/** "Because of": which open problem explains another, so that only the parent is repaired. */

export interface Dependent {
  id: string;
  check: string;
  target: string;
  owner: string | null;
  dependsOn: readonly string[];
  openedAt: number;
  severity: string;
}

/** Names by which others may refer to a problem's target. */
const namesOf = (problem: Dependent): string[] => [
  `${problem.check}:${problem.target}`,
  ...(problem.owner === null ? [] : [problem.owner]),
];

/**
 * The open problem that explains `child`, nearest first; null when none does. Only warnings and worse explain; observed
 * ones never do. A circle of dependencies explains nothing: the older problem counts as the parent.
 */
export function parentOf<P extends Dependent>(child: Dependent, open: readonly P[]): P | null {
  for (const name of child.dependsOn) {
    const parent = open.find(
      (candidate) =>
        candidate.id !== child.id && candidate.severity !== "observe" && namesOf(candidate).includes(name),
    );
    if (parent === undefined) continue;
    const circular = parent.dependsOn.some((back) => namesOf(child).includes(back));
    if (circular && child.openedAt <= parent.openedAt) continue;
    return parent;
  }
  return null;
}
