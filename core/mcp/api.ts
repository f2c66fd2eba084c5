/** The REST API as the tools of an assistant use it: in the name of one principal, checked at every single call. */
import type { Permission } from "cortex";

export interface McpApi {
  /** Below `/api/v1/`. Throws the API's own error. */
  get<T>(path: string, query?: Record<string, string>): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
}

/** Who asks, and what of it an assistant may use. */
export interface McpCaller {
  api: McpApi;
  /** Tools that need anything else are not there for this caller. */
  permissions: readonly Permission[];
}
