/** All routes. A resource is one file under `routes/`. */
import { defineRoute, type Route } from "./route.ts";
import { accountRoutes } from "./routes/accounts.ts";
import { auditRoutes } from "./routes/audit.ts";
import { authRoutes } from "./routes/auth.ts";
import { backupRoutes } from "./routes/backups.ts";
import { autonomyRoutes } from "./routes/autonomy.ts";
import { checkRoutes } from "./routes/checks.ts";
import { factorRoutes } from "./routes/factors.ts";
import { evaluationRoutes } from "./routes/evaluations.ts";
import { decisionRoutes } from "./routes/decisions.ts";
import { enrolRoutes } from "./routes/enrol.ts";
import { ingestRoutes } from "./routes/ingest.ts";
import { intentRoutes } from "./routes/intents.ts";
import { judgeRoutes } from "./routes/judges.ts";
import { keyRoutes } from "./routes/keys.ts";
import { linkRoutes } from "./routes/link.ts";
import { maintenanceRoutes } from "./routes/maintenance.ts";
import { mcpRoutes } from "./routes/mcp.ts";
import { meRoutes } from "./routes/me.ts";
import { nodeRoutes } from "./routes/nodes.ts";
import { nodeIdentityRoutes } from "./routes/node-identity.ts";
import { policyRoutes } from "./routes/policy.ts";
import { problemRoutes } from "./routes/problems.ts";
import { decidingKeyRoutes } from "./routes/deciding-key.ts";
import { secretRoutes } from "./routes/secrets.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { settingsRoutes } from "./routes/settings.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { swaggerRoutes } from "./routes/swagger.ts";
import { systemRoutes } from "./routes/system.ts";
import { tokenRoutes } from "./routes/tokens.ts";

const liveRoute = defineRoute({
  method: "WS",
  path: "/api/v1/live",
  access: { permission: "fleet.read", scope: "filtered" },
  operationId: "live",
  summary: "WebSocket: snapshots and patches of topics",
  tags: ["live"],
  response: { mediaType: "application/json", description: "Messages of the live protocol" },
  handler: () => undefined,
});

export const routes: readonly Route[] = [
  ...systemRoutes,
  ...authRoutes,
  ...signInRoutes,
  ...nodeRoutes,
  ...problemRoutes,
  ...intentRoutes,
  ...decisionRoutes,
  ...policyRoutes,
  ...autonomyRoutes,
  ...evaluationRoutes,
  ...judgeRoutes,
  ...checkRoutes,
  ...maintenanceRoutes,
  ...settingsRoutes,
  ...decidingKeyRoutes,
  ...secretRoutes,
  ...backupRoutes,
  ...accountRoutes,
  ...keyRoutes,
  ...meRoutes,
  ...sessionRoutes,
  ...factorRoutes,
  ...auditRoutes,
  ...tokenRoutes,
  ...nodeIdentityRoutes,
  ...enrolRoutes,
  ...linkRoutes,
  ...ingestRoutes,
  ...mcpRoutes,
  ...swaggerRoutes,
  liveRoute,
];
