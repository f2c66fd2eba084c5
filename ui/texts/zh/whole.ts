/** Simplified Chinese, whole: it is fetched by those who read it. The types hold it to the shape of the English texts. */
import { zhFrame } from "./frame.ts";
import { zhFleet } from "./fleet.ts";
import { zhNode } from "./node.ts";
import { zhProblem } from "./problem.ts";
import { zhIntent } from "./intent.ts";
import { zhAudit } from "./audit.ts";
import { zhAutonomy } from "./autonomy.ts";
import { zhChecks } from "./checks.ts";
import { zhDecisions } from "./decisions.ts";
import { zhEnrol } from "./enrol.ts";
import { zhPolicy } from "./policy.ts";
import { zhReasons } from "./reasons.ts";
import { zhSettings } from "./settings.ts";
import { zhSignIn } from "./sign-in.ts";
import { zhWelcome } from "./welcome.ts";
import { zhWall } from "./wall.ts";
import { zhPalette } from "./palette.ts";

export const zh = {
  ...zhFrame,
  ...zhFleet,
  ...zhNode,
  ...zhProblem,
  ...zhIntent,
  ...zhChecks,
  ...zhDecisions,
  ...zhAutonomy,
  ...zhEnrol,
  ...zhPolicy,
  ...zhReasons,
  ...zhSettings,
  ...zhAudit,
  ...zhSignIn,
  ...zhWelcome,
  ...zhWall,
  ...zhPalette,
};
