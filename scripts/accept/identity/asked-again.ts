/**
 * What widens power asks again who is there: a dialog in Chromium, for people whose only way is a password, a code, a
 * passkey or their provider. What they asked for then goes on by itself, or, with a way over the provider, is asked again.
 */
import type { Page } from "playwright-core";
import { startOidcHouse } from "../../../core/testing/oidc-house.ts";
import { codeAt } from "../../../core/testing/totp-code.ts";
import { axeFindings, type Face, type Faces, openFaces, sees, setupToken } from "../face/browser.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { pause } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { plugIn } from "./authenticator.ts";
import { PASSWORD } from "./person.ts";

/** A provider tells the time of a login in whole seconds. */
const RECENT_MS = 3000;

const dialog = (page: Page) => page.getByRole("dialog", { name: "Confirm that it is you" });
/** The beginning of a second factor is answered with its secret, and only to who has just proved themselves. */
const secret = (page: Page) => page.getByRole("img", { name: /^QR code/ });
const wish = (page: Page) => page.getByRole("button", { name: "Add authenticator app" }).click();

/** The first admin, by the API, in a session of this page. */
async function setUp({ context }: Face, cortex: Cortex, at: string): Promise<void> {
  const made = await context.request.post(`${at}/api/v1/auth/setup`, {
    data: { name: "anna", password: PASSWORD, token: await setupToken(cortex) },
    headers: { origin: at },
  });
  ensureEqual(made.status(), 201, "the first admin");
}

/** A moment after the login somebody else sits there. */
async function isAsked({ page }: Face, at: string): Promise<void> {
  await page.goto(`${at}/profile`);
  await pause(RECENT_MS + 200);
  await wish(page);
  await dialog(page).or(secret(page)).first().waitFor();
  ensureEqual(await secret(page).count(), 0, "secrets shown to whoever sits there");
}

async function byPassword(face: Face, at: string): Promise<void> {
  const { page } = face;
  await isAsked(face, at);
  const findings = await axeFindings(page);
  ensure(findings.length === 0, findings.join("; "));
  await face.shot("asked-again-password");
  await dialog(page).getByRole("button", { name: "Cancel" }).click();
  await dialog(page).waitFor({ state: "detached" });
  await sees(page, "Confirm that it is you, then try again.");
  ensureEqual(await secret(page).count(), 0, "secrets shown to who would not answer");
  await page.keyboard.press("Escape");
  await wish(page);
  await page.getByLabel("Password", { exact: true }).fill("not the password at all");
  await page.keyboard.press("Enter");
  await sees(page, /this is not your password/i);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await secret(page).waitFor();
}

async function signInAt(page: Page, provider: string, account: string): Promise<void> {
  await page.getByRole("button", { name: `Log in with ${provider}` }).click();
  await page.getByRole("textbox", { name: "Account" }).fill(account);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** A login there that is certainly new: a session that runs there is not enough. */
async function proveAt(page: Page, provider: string, account: string): Promise<void> {
  await dialog(page)
    .getByRole("button", { name: `Log in at ${provider} again` })
    .click();
  await page.getByRole("textbox", { name: "Account" }).fill(account);
  await page.getByRole("button", { name: "Sign in" }).click();
  await sees(page, "Second factors and passkeys");
}

/** Somebody of the provider with an authenticator app: gives its secret. */
async function withApp({ page }: Face, at: string): Promise<string> {
  await page.goto(`${at}/login?to=/profile`);
  await signInAt(page, "Guild", "tina");
  await wish(page);
  await proveAt(page, "Guild", "tina");
  await wish(page);
  await secret(page).waitFor();
  const own = (await page.locator("dialog code").first().textContent())!.trim();
  await page.getByLabel("Then enter the code it shows").fill(codeAt(own, Date.now()));
  await page.getByRole("button", { name: "Add", exact: true }).last().click();
  await sees(page, /^Added: Authenticator app/);
  return own;
}

/** Somebody of the provider who comes with a passkey alone. */
async function withPasskey({ page, context }: Face, at: string): Promise<void> {
  await page.goto(`${at}/login?to=/profile`);
  await signInAt(page, "Company", "paul");
  await wish(page);
  await proveAt(page, "Company", "paul");
  await page.getByRole("button", { name: "Add passkey" }).click();
  await page.getByLabel("Name", { exact: true }).fill("laptop");
  await page.getByRole("button", { name: "Create a passkey" }).click();
  await sees(page, /^Added: laptop/);
  await context.clearCookies();
  await page.goto(`${at}/login?to=/profile`);
  // The offer in the name field is taken at once by an authenticator that needs no finger.
  await page.waitForURL(`${at}/profile`);
}

async function ways({ context }: Face, at: string): Promise<string> {
  const answer = await context.request.get(`${at}/api/v1/auth/reauthenticate`);
  const { password, factors, redirects } = (await answer.json()) as {
    password: boolean;
    factors: { method: string }[];
    redirects: { label: string }[];
  };
  return [
    ...(password ? ["password"] : []),
    ...factors.map((one) => one.method),
    ...redirects.map((one) => one.label),
  ].join();
}

async function everybody(
  rig: Rig,
  cortex: Cortex,
  faces: Faces,
  config: (final: boolean) => object,
): Promise<void> {
  const at = cortex.url.replace("127.0.0.1", "localhost");
  const [anna, tina, paul, olga] = [
    await faces.stranger(),
    await faces.stranger(),
    await faces.stranger(),
    await faces.stranger(),
  ];
  await setUp(anna, cortex, at);
  const app = await withApp(tina, at);
  const { touch } = await plugIn(paul.page);
  await withPasskey(paul, at);
  await olga.page.goto(`${at}/login?to=/profile`);
  await signInAt(olga.page, "Company", "olga");
  await sees(olga.page, "Second factors and passkeys");

  // A login is recent for a moment from now on, and the guild's provider is no more.
  cortex.writeConfig(config(true));
  ensureEqual((await cortex.api("POST", "config/reload", {})).status, 200, "reload");
  ensureEqual(
    [await ways(anna, at), await ways(tina, at), await ways(paul, at), await ways(olga, at)],
    ["password", "totp", "passkey", "Company"],
    "the only way of each",
  );
  await byPassword(anna, at);

  await isAsked(tina, at);
  await tina.shot("asked-again-code");
  await dialog(tina.page)
    .getByLabel("Code")
    .fill(codeAt(app, Date.now() + 30_000));
  await tina.page.keyboard.press("Enter");
  await secret(tina.page).waitFor();

  await touch(false);
  await isAsked(paul, at);
  await paul.shot("asked-again-passkey");
  // A virtual authenticator touches at the beginning of a question, or never.
  await paul.page.reload();
  await touch(true);
  await wish(paul.page);
  await secret(paul.page).waitFor();

  await isAsked(olga, at);
  await olga.shot("asked-again-provider");
  await proveAt(olga.page, "Company", "olga");
  await wish(olga.page);
  await secret(olga.page).waitFor();
  const faults = (await Promise.all([anna, tina, paul, olga].map((one) => one.faults()))).flat();
  ensure(faults.length === 0, faults.join("; "));
}

const scenario: Scenario = {
  name: "asked-again",
  quick: false,
  timeoutMs: 180_000,
  async run(rig) {
    const port = await rig.port();
    const house = await startOidcHouse(
      ["company", "guild"].map((id) => `http://localhost:${port}/api/v1/auth/oidc_${id}/callback`),
    );
    rig.atEnd(() => house.stop());
    for (const name of ["tina", "paul", "olga"]) house.accounts.set(name, { name, groups: ["web"] });
    const provider = (id: string, label: string) => ({
      id,
      label,
      issuer: house.issuer,
      client_id: house.clientId,
      client_secret: "${env:OIDC_SECRET}",
      scopes: ["openid", "profile", "groups"],
      grants: [{ group: "web", role: "viewer" }],
    });
    const config = (final: boolean) => ({
      ...(final && { server: { session_recent: `${RECENT_MS}ms` } }),
      plugins: {
        "auth-oidc": [provider("company", "Company"), ...(final ? [] : [provider("guild", "Guild")])],
      },
    });
    const cortex = await rig.cortex({
      listen: `127.0.0.1:${port}`,
      config: config(false),
      env: { OIDC_SECRET: house.clientSecret },
    });
    await everybody(rig, cortex, await openFaces(rig, cortex), config);
    return "password, code, passkey and provider, each the only way of somebody: asked, refused when wrong, and the wish goes on";
  },
  /** A Monitor that takes the login for a proof as long as the session lasts. */
  async control(rig) {
    const cortex = await rig.cortex({ config: { server: { session_recent: "12h" } } });
    const at = cortex.url.replace("127.0.0.1", "localhost");
    const anna = await (await openFaces(rig, cortex)).stranger();
    await setUp(anna, cortex, at);
    await isAsked(anna, at);
    return "asked";
  },
};
export default scenario;
