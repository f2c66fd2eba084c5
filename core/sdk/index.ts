/** The public contract for plugins, imported as "cortex". Types and pure helpers; no I/O. */
export * from "./acts.ts";
export * from "./auth.ts";
export * from "./grant.ts";
export * from "./check.ts";
export * from "./decider.ts";
export * from "./effect.ts";
export * from "./errors.ts";
export * from "./plugin.ts";
export * from "./pattern.ts";
export * from "./ports.ts";
export * from "./real-path.ts";
export * from "./repair.ts";
export * from "./sign-in.ts";
export * from "./stateful.ts";
export * from "./text.ts";
export * from "./units.ts";
export * from "./privileges.ts";
