import { duration } from "cortex";
import * as z from "zod";
import { limits, section, timing } from "../common/check-config.ts";

const packets = z.number().int().min(0).prefault(10_000);

export const config = z.strictObject({
  exclude: z
    .array(z.string().max(64))
    .prefault([])
    .describe("Interfaces left alone; a trailing * matches the rest: eth9, usb*."),
  nic_link: section("Link state, speed and bond slaves.", {
    ...timing({ interval: "15s", confirm: "30s" }),
    slow_confirm: duration("5m").describe("How long a link must be slower than before to be told."),
    forget: duration("7d").describe("After this time a lost or slower link is taken for the new normal."),
  }).prefault({}),
  nic_errors: section("Damaged packets.", {
    ...timing({ interval: "15s", confirm: "1h" }),
    window: duration("10m").describe("Errors and packets are counted over this time."),
    ...limits("ratio", "Damaged packets as a share of all, in the worse direction", { warning: 0.01 }),
    min_packets: packets.describe("A share counts only with more packets than this within the window."),
    observe_count: z
      .number()
      .int()
      .min(1)
      .prefault(5)
      .describe("So many errors within the window are shown, but told to nobody."),
  }).prefault({}),
  nic_drops: section("Dropped packets.", {
    ...timing({ interval: "15s", confirm: "1m" }),
    window: duration("10m").describe("Drops and packets are counted over this time."),
    ...limits("ratio", "Dropped packets as a share of all, in the worse direction", { warning: 0.02 }),
    wireless_warning_ratio: z
      .number()
      .min(0)
      .max(1)
      .prefault(0.1)
      .describe("The same for wireless interfaces, which drop by nature."),
    min_packets: packets.describe("A share counts only with more packets than this within the window."),
  }).prefault({}),
});

export type Config = z.infer<typeof config>;
