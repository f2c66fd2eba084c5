/** Stamped by the build; "dev" when run from source. */
declare const CORTEX_VERSION: string | undefined;
declare const CORTEX_COMMIT: string | undefined;

export const VERSION = typeof CORTEX_VERSION === "undefined" ? "0.1.0-dev" : CORTEX_VERSION;
export const COMMIT = typeof CORTEX_COMMIT === "undefined" ? "unknown" : CORTEX_COMMIT;
