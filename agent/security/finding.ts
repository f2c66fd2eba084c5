/** What an examination found: how bad, why it matters, and what to run. */
export interface Finding {
  /** Dotted, stable: `files.config`, `host.symlinks`. */
  what: string;
  status: "ok" | "warning" | "critical";
  text: string;
  /** A command that mends it; null when there is nothing to mend or nothing that one command does. */
  run: string | null;
}

export const ok = (what: string, text: string): Finding => ({ what, status: "ok", text, run: null });
export const warning = (what: string, text: string, run: string | null = null): Finding => ({
  what,
  status: "warning",
  text,
  run,
});
export const critical = (what: string, text: string, run: string | null = null): Finding => ({
  what,
  status: "critical",
  text,
  run,
});
