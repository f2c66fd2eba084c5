import type { Page } from "playwright-core";
import type { FactorMethod } from "cortex";
import { createSoftAuthenticator } from "../../../core/testing/soft-authenticator.ts";
import { axeFindings, openFaces, sees, setupToken } from "../face/browser.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Scenario } from "../scenario.ts";
import { plugIn } from "./authenticator.ts";
import { type Door, doorInside, doorOf, enrol, pluginModule } from "./doors.ts";
import { PASSWORD } from "./person.ts";

/** T62: a copied authenticator is noticed, and a page elsewhere gets nothing that is good here. */
async function copyIsNoticed(door: Door): Promise<void> {
  const place = { origin: door.origin, host: "localhost" };
  const device = createSoftAuthenticator();
  const session = await door.setUp();
  await enrol(door, session, "passkey", (options) => device.create(options, place));
  const show = async (at = place) => {
    const { ticket, options } = (await door.post("auth/passkey/begin", {})).json;
    return (await door.post("auth/passkey/finish", { ticket, answer: await device.get(options, at) })).status;
  };
  ensureEqual(await show(), 200, "a passkey opens a session");
  ensureEqual(await show({ origin: "https://localhost.evil.example", host: "localhost" }), 401, "phished");
  device.held[0]!.counter -= 2;
  ensureEqual(await show(), 401, "the copy of an authenticator is refused");
}

/** By what the session of the page was opened; null for none. */
const openedBy = (page: Page): Promise<string | null> =>
  page.evaluate(async () => {
    const answer = await fetch("/api/v1/me");
    return answer.ok ? ((await answer.json()) as { session: { method: string } }).session.method : null;
  });

const scenario: Scenario = {
  name: "passkey-login",
  quick: true,
  timeoutMs: 180_000,
  threats: ["T62"],
  async run(rig) {
    await copyIsNoticed(doorOf(await rig.cortex()));

    const cortex = await rig.cortex();
    const at = cortex.url.replace("127.0.0.1", "localhost");
    const faces = await openFaces(rig, cortex);
    const { page, context, ...face } = await faces.stranger();
    const authenticator = await plugIn(page);
    const made = await context.request.post(`${at}/api/v1/auth/setup`, {
      data: { name: "anna", password: PASSWORD, token: await setupToken(cortex) },
      headers: { origin: at },
    });
    ensureEqual(made.status(), 201, "the first admin");

    await page.goto(`${at}/profile`);
    await page.getByRole("button", { name: "Add passkey" }).click();
    const findings = await axeFindings(page);
    ensure(findings.length === 0, findings.join("; "));
    await page.getByLabel("Name", { exact: true }).fill("laptop");
    await page.getByRole("button", { name: "Create a passkey" }).click();
    await sees(page, /^Added: laptop/);
    await face.shot("profile-passkey");

    // The offer in the name field would be taken at once by an authenticator that needs no finger.
    await page.evaluate(() => {
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
    });
    await page.getByRole("button", { name: "Account and appearance" }).click();
    await page.getByRole("button", { name: "Log out" }).click();
    await sees(page, "Log in to Cortex");
    await page.getByLabel("Name").fill("anna");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await sees(page, "Second factors and passkeys");
    ensureEqual(await openedBy(page), "password+passkey", "the passkey as a second factor");

    await context.clearCookies();
    await authenticator.touch(false);
    await page.goto(`${at}/login`);
    const button = page.getByRole("button", { name: "Log in with passkey" });
    await button.waitFor();
    await face.shot("login-passkey");
    await authenticator.touch(true);
    await button.click();
    await page.waitForURL(`${at}/`);
    ensureEqual(await openedBy(page), "passkey", "the passkey alone");

    // At an address instead of a name the page says why there are none.
    await page.goto(`${cortex.url}/login`);
    await page.getByLabel("Name").waitFor();
    ensureEqual(
      await page.getByRole("button", { name: /passkey/ }).count(),
      0,
      "passkeys offered at an address",
    );
    const faults = await face.faults();
    ensure(faults.length === 0, faults.join("; "));
    return "added, used alone and as a second factor in Chromium; a copy and a phished answer are refused";
  },
  async control(rig) {
    const { createPasskeyMethod } = await pluginModule<{
      createPasskeyMethod: (options: object) => FactorMethod;
    }>(rig, "auth-passkey/auth-passkey.ts");
    await copyIsNoticed(
      doorInside("passkey", () => createPasskeyMethod({ rpId: null, checkCounter: false })),
    );
    return "a copy was refused although nobody counts";
  },
};
export default scenario;
