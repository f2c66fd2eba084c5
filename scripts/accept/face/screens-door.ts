/** The screens before the dashboard, where a second factor is asked for: which ways there are, enrolment, the second step, recovery codes. */
import type { Page } from "playwright-core";
import { startOidcHouse } from "../../../core/testing/oidc-house.ts";
import { codeAt } from "../../../core/testing/totp-code.ts";
import { ensureEqual } from "../lib/ensure.ts";
import type { Cortex } from "../lib/cortex.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";
import { ADMIN, type Face, type Faces, openFaces, sees } from "./browser.ts";
import { judge, type Look, looksOf, nameOf } from "./looking.ts";
import { type Wording, wordingIn } from "./wording.ts";

const CODE_MS = 30_000;

/** With an identity provider beside passwords, and a second factor for everybody. */
async function open(rig: Rig): Promise<Cortex> {
  const port = await rig.port();
  const provider = await startOidcHouse([`http://127.0.0.1:${port}/api/v1/auth/oidc_company/callback`]);
  rig.atEnd(() => provider.stop());
  return rig.cortex({
    listen: `127.0.0.1:${port}`,
    env: { OIDC_SECRET: provider.clientSecret },
    config: {
      server: { require_second_factor: "all", request_rate: 10_000 },
      plugins: {
        "auth-oidc": [
          {
            id: "company",
            label: "Company",
            issuer: provider.issuer,
            client_id: provider.clientId,
            client_secret: "${env:OIDC_SECRET}",
          },
        ],
      },
    },
  });
}

async function logIn(page: Page, t: Wording, name: string): Promise<void> {
  await page.getByLabel(t("Name"), { exact: true }).fill(name);
  await page.getByLabel(t("Password"), { exact: true }).fill(ADMIN.password);
  await page.keyboard.press("Enter");
}

/** Somebody's first login, their way to a second factor, and their second login. */
async function enter(cortex: Cortex, faces: Faces, look: Look): Promise<string[]> {
  const name = `bert-${nameOf(look)}`;
  const made = await cortex.api("POST", "users", { name, password: ADMIN.password, role: "operator" });
  ensureEqual(made.status, 201, "an account is made");
  const t = await wordingIn(look.language);
  const face = await faces.stranger(look);
  const { page } = face;
  const wrong: string[] = [];
  const shown = async (screen: string) => wrong.push(...(await judge(face, `door-${screen}`, look)));
  await face.open("/login");
  await page.getByRole("button", { name: t("Log in with Company") }).waitFor();
  await shown("ways");
  await logIn(page, t, name);
  await sees(page, t("Add a second factor"));
  await page.getByRole("listitem").first().waitFor();
  await shown("second-factor");
  const secret = await addApp(page, t, () => shown("second-factor-app"));
  await sees(page, t("Needs you"));
  await recovery(face, t, shown);
  await page.getByRole("button", { name: t("Account and appearance") }).click();
  await page.getByRole("button", { name: t("Log out") }).click();
  await sees(page, t("Log in to Cortex"));
  await logIn(page, t, name);
  await sees(page, t("Second step"));
  await shown("second-step");
  await page.getByLabel(t("Code"), { exact: true }).fill("000000");
  await page.keyboard.press("Enter");
  await sees(page, t("That was not accepted. Try again."));
  await shown("second-step-refused");
  // The code of enrolment is used; the next one is good already.
  await page.getByLabel(t("Code"), { exact: true }).fill(codeAt(secret, Date.now() + CODE_MS));
  await page.keyboard.press("Enter");
  await sees(page, t("Second factors and passkeys"));
  await face.close();
  return wrong;
}

async function addApp(page: Page, t: Wording, look: () => Promise<unknown>): Promise<string> {
  const app = page.getByRole("listitem").filter({ hasText: t("Authenticator app") });
  await app.getByRole("button").click();
  await page.getByRole("img", { name: t("QR code with the secret for your authenticator app") }).waitFor();
  await look();
  const secret = (await page.locator("main code").first().textContent())!.trim();
  await page.getByLabel(t("Then enter the code it shows")).fill(codeAt(secret, Date.now()));
  await page.keyboard.press("Enter");
  return secret;
}

async function recovery(face: Face, t: Wording, shown: (screen: string) => Promise<unknown>): Promise<void> {
  const { page } = face;
  await face.open("/profile");
  const codes = page.getByRole("listitem").filter({ hasText: t("Recovery codes") });
  await codes.getByRole("button").click();
  await page.getByRole("list", { name: t("Recovery codes") }).waitFor();
  await shown("recovery-codes");
  await page.getByRole("button", { name: t("I have kept them") }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await shown("profile-factors");
}

const scenario: Scenario = {
  name: "screens-door",
  quick: false,
  timeoutMs: 600_000,
  async run(rig) {
    const cortex = await open(rig);
    const faces = await openFaces(rig, cortex);
    const wrong: string[] = [];
    for (const look of looksOf(rig)) wrong.push(...(await enter(cortex, faces, look)));
    ensureEqual(wrong, [], "what is wrong with the screens");
    return `7 screens in ${looksOf(rig).length} forms; axe, console and policy silent, none too wide at 320`;
  },
};
export default scenario;
