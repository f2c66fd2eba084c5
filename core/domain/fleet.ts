/** Guards across nodes (G4 budget, G5 common cause) as pure functions; who counts the nodes is the caller's business. */

export interface FleetActivity {
  node: string;
  group: string | null;
  class: string;
  startedAt: number;
  /** null while it runs. */
  endedAt: number | null;
}

export interface FleetLimits {
  /** Share of a group that may be under repair within the window. */
  share: number;
  windowMs: number;
}

export type FleetVerdict = { allowed: true } | { allowed: false; reason: string };

/**
 * G4: one R2 per redundancy group at a time, at most `share` of a group within the window (but always one), R3 and R4 one
 * at a time in the whole fleet.
 */
export function fleetBudget(
  wish: { node: string; group: string | null; class: string },
  activity: readonly FleetActivity[],
  groupSize: number,
  now: number,
  limits: FleetLimits,
): FleetVerdict {
  const running = activity.filter((one) => one.endedAt === null && one.node !== wish.node);
  if (isHostLevel(wish.class) && running.some((one) => isHostLevel(one.class)))
    return { allowed: false, reason: "another host-level repair is running in the fleet" };
  if (wish.group === null) return { allowed: true };
  const sameGroup = activity.filter((one) => one.group === wish.group);
  const busy = running.find((one) => one.group === wish.group && one.class === "R2");
  if (wish.class === "R2" && busy !== undefined)
    return { allowed: false, reason: `${busy.node} of group ${wish.group} is being repaired` };
  const recent = new Set(
    sameGroup
      .filter((one) => one.endedAt === null || now - one.startedAt < limits.windowMs)
      .map((one) => one.node),
  );
  recent.delete(wish.node);
  const allowance = Math.max(1, Math.floor(groupSize * limits.share));
  if (recent.size >= allowance)
    return {
      allowed: false,
      reason: `${recent.size} of ${groupSize} nodes of group ${wish.group} were repaired lately, ${allowance} are allowed`,
    };
  return { allowed: true };
}

const isHostLevel = (repairClass: string) => repairClass === "R3" || repairClass === "R4";

/**
 * G5: the same check confirmed on more than `share` of a group, and on at least `minimum` nodes, has a common cause: every
 * repair of it stops and one L3 problem tells people.
 */
export function commonCause(
  affectedNodes: readonly string[],
  groupSize: number,
  limits: { share: number; minimum: number },
): boolean {
  const affected = new Set(affectedNodes).size;
  return affected >= limits.minimum && affected > groupSize * limits.share;
}
