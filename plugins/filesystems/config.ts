import { bytes, duration } from "cortex";
import * as z from "zod";
import { limits, section, timing } from "../common/check-config.ts";

const mountPoints = z.array(z.string().startsWith("/").max(4096)).prefault([]);
const ratio = (fallback: number) => z.number().min(0).max(1).prefault(fallback);

export const config = z.strictObject({
  include: mountPoints.describe(
    "Mount points watched although their type is not by default: a tmpfs, a FUSE mount, a second mount of a file system.",
  ),
  exclude: mountPoints.describe(
    "Mount points left alone by all checks; a trailing * matches the rest: /var/lib/docker/*.",
  ),
  statfs_timeout: duration("2s").describe("A file system that does not answer within this time is unknown."),
  fs_space: section("Space.", {
    ...timing({ interval: "60s", confirm: "5m" }),
    ...limits("ratio", "Used share; for a warning, little room or a fast trend must come to it", {
      warning: 0.85,
      critical: 0.95,
      clearWarning: 0.8,
      clearCritical: 0.9,
    }),
    warning_free: bytes("10GiB").describe("Little room: less than this is free."),
    clear_free: bytes("12GiB").describe("Free bytes from which there is room again."),
    full_within: duration("24h").describe("Fast trend: full within this time."),
    clear_full_within: duration("48h").describe("A warning lasts while it would be full within this time."),
    critical_low_ratio: ratio(0.9).describe("Used share that is critical with less than critical_free left."),
    critical_free: bytes("5GiB").describe("Goes with critical_low_ratio."),
    trend_window: duration("6h").describe("Own readings that the forecast looks back on; kept in memory."),
    trend_recent: duration("1h").describe("Growth must go on in this last part, and be known for this long."),
  }).prefault({}),
  fs_inodes: section("Inodes: places for files.", {
    ...timing({ interval: "60s", confirm: "5m" }),
    ...limits("ratio", "Used share of the inodes", {
      warning: 0.9,
      critical: 0.98,
      clearWarning: 0.8,
      clearCritical: 0.9,
    }),
  }).prefault({}),
  fs_readonly: section("Read-only although it should be writable.", {
    ...timing({ interval: "30s", confirm: "30s" }),
    writable: mountPoints.describe("Mount points that must be writable although fstab does not name them."),
  }).prefault({}),
  mount_missing: section("Declared mounts that are not there.", {
    ...timing({ interval: "30s", confirm: "60s" }),
    unit_refresh: duration("5m").describe("How often the enabled systemd mount units are read again."),
  }).prefault({}),
});

export type Config = z.infer<typeof config>;
