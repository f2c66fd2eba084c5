import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { McpCaller } from "./api.ts";
import { createMcpServer } from "./server.ts";

/** Serve until standard input ends. Standard output is the protocol's from here on; what went wrong goes to standard error. */
export async function serveMcpOnStdio(caller: McpCaller, version: string): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    process.stdin.once("end", resolve).once("close", resolve);
  });
  const handle = serveStdio(() => createMcpServer(caller, version), {
    onerror: (error) => void process.stderr.write(`cortex: mcp: ${error.message}\n`),
  });
  await ended;
  await handle.close();
}
