/** The smallest server that answers as ours does; compiled like ours, its start is what the runtime takes by itself. */
import { Elysia } from "elysia";

new Elysia()
  .get("/healthz", () => ({ ok: true }))
  .listen({ hostname: "127.0.0.1", port: Number(process.argv[2]) });
