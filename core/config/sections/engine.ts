/** Checking, verifying and the breaker. */
import { duration } from "cortex";
import * as z from "zod";

export const engineConfig = z
  .strictObject({
    tick: duration("1s").describe("Due checks run together at this step, so that they share readings."),
    check_timeout: duration("10s").describe("A check that takes longer is unknown."),
    boot_grace: duration("5m").describe(
      "Measured values open no problem for this long after the host booted.",
    ),
    clear_backoff: duration("5m").describe("A measured value must stay below its clear threshold this long."),
    clear_factor: z
      .number()
      .min(1)
      .prefault(1.5)
      .describe("Each reopening multiplies the clear back-off by this."),
    clear_max: duration("1h").describe("Longest clear back-off."),
    flap_window: z.number().int().min(5).max(100).prefault(20).describe("Results looked at for flapping."),
    flap_start: z.number().min(0).max(1).prefault(0.3).describe("Share of changes at which flapping starts."),
    flap_end: z.number().min(0).max(1).prefault(0.25).describe("Share of changes under which flapping ends."),
    stale_after: z.number().int().min(1).prefault(3).describe("Missed intervals until a target is unknown."),
  })
  .prefault({});

export const verifyConfig = z
  .strictObject({
    stable: duration("60s").describe("The failing check must be ok and the target stable this long."),
    watch: duration("5m").describe("After that, the target and its dependants are watched this long."),
    interval: duration("5s").describe("Longest pause between two looks while verifying."),
    timeout: duration("2m").describe(
      "The check must be ok for the first time within this time after the act.",
    ),
  })
  .prefault({});

export const breakerConfig = z
  .strictObject({
    attempts: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .prefault(3)
      .describe("Attempts per target within the window."),
    window: duration("1h").describe("Time over which attempts are counted."),
    waits: z
      .array(duration())
      .prefault(["0s", "1m", "3m"])
      .describe("Waits before the first, second, third … attempt; the last one repeats."),
    open: duration("6h").describe("How long the breaker stays open; checking goes on."),
  })
  .prefault({});
