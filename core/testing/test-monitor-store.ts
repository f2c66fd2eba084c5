/** A Monitor's store in memory, for tests. */
import { ephemeralIdentity } from "../store/identity.ts";
import { type MonitorStore, openMonitorStore } from "../store/monitor/store.ts";

export function createTestMonitorStore(now: () => number = () => 0, path = ":memory:"): MonitorStore {
  const { sign, verify } = ephemeralIdentity();
  return openMonitorStore(path, { now, origin: "monitor:test", sign, verify, checkpointLog: null });
}
