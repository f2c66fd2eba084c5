import type { Page } from "playwright-core";
import type { Clock, FactorMethod } from "cortex";
import { codeAt } from "../../../core/testing/totp-code.ts";
import { axeFindings, openFaces, overflowAt, sees } from "../face/browser.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Scenario } from "../scenario.ts";
import { type Door, doorInside, doorOf, enrol, pluginModule, ticketOf } from "./doors.ts";
import { PASSWORD } from "./person.ts";

/** T62: who has seen a code being typed types it again. */
async function replayIsRefused(door: Door): Promise<string> {
  const session = await door.setUp();
  const { secret } = await enrol(door, session, "totp", (options) => ({
    code: codeAt(options.secret, door.now()),
  }));
  // The code of enrolment is used; the next one is good already.
  const code = codeAt(secret, door.now() + 30_000);
  const show = async () =>
    (await door.post("auth/factor", { ticket: await ticketOf(door), method: "totp", answer: { code } }))
      .status;
  ensureEqual(await show(), 200, "a fresh code opens a session");
  ensureEqual(await show(), 401, "the same code is refused");
  return secret;
}

/** Screens of one's own, looked at as others are. */
async function judge(page: Page, what: string): Promise<void> {
  const found = [
    ...(await axeFindings(page)),
    ...((await overflowAt(page, 320)) > 0 ? ["scrolls sideways at 320"] : []),
  ];
  ensure(found.length === 0, `${what}: ${found.join("; ")}`);
}

/** Everything is lost: somebody on the Monitor's machine takes the factors away, and the sessions with them. */
async function forget(cortex: Cortex, page: Page): Promise<void> {
  const unknown = await cortex.cli("user", "reset-factors", "nobody-here");
  ensure(
    unknown.code !== 0 && unknown.stderr.includes("nobody-here"),
    `reset of a stranger: ${unknown.stderr}`,
  );
  const reset = await cortex.cli("user", "reset-factors", "anna");
  ensure(reset.code === 0, `user reset-factors: ${reset.stderr}`);
  await page.reload();
  await sees(page, "Log in to Cortex");
  await page.getByLabel("Name").fill("anna");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await sees(page, "Only your password protects this account");
  const { json } = await cortex.api<{ items: { actor: string }[] }>("GET", "audit?kind=factor.reset");
  ensureEqual(json.items.map(({ actor }) => actor).join(), "local", "who reset them, in the audit");
}

const scenario: Scenario = {
  name: "totp-login",
  quick: true,
  timeoutMs: 180_000,
  threats: ["T62"],
  async run(rig) {
    const cortex = await rig.cortex({ config: { server: { require_second_factor: "none" } } });
    const first = await rig.cortex();
    await replayIsRefused(doorOf(first));

    const faces = await openFaces(rig, cortex);
    const face = await faces.face();
    const { page } = face;
    await face.open("/profile");
    await judge(page, "the profile");
    await face.shot("profile-bare");
    await page.getByRole("button", { name: "Add authenticator app" }).click();
    await page.getByRole("img", { name: /^QR code/ }).waitFor();
    await judge(page, "adding an app");
    await face.shot("profile-totp");
    const secret = (await page.locator("dialog code").first().textContent())!.trim();
    await page.getByLabel("Then enter the code it shows").fill(codeAt(secret, Date.now()));
    await page.getByRole("button", { name: "Add", exact: true }).last().click();
    await sees(page, /^Added: Authenticator app/);
    await page.getByRole("button", { name: "Add recovery code" }).click();
    await page.getByRole("list", { name: "Recovery codes" }).waitFor();
    const codes = await page.locator("dialog ol code").allTextContents();
    ensureEqual(codes.length, 10, "recovery codes shown");
    await judge(page, "recovery codes");
    await face.shot("profile-recovery");
    await page.getByRole("button", { name: "I have kept them" }).click();
    await sees(page, "10 of 10 left");
    await judge(page, "the profile with factors");
    await face.shot("profile");

    const logInBy = async (how: () => Promise<void>) => {
      await page.getByRole("button", { name: "Account and appearance" }).click();
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByLabel("Name").fill("anna");
      await page.getByLabel("Password").fill(PASSWORD);
      await page.getByRole("button", { name: "Log in", exact: true }).click();
      await sees(page, "Second step");
      await how();
      await sees(page, "Second factors and passkeys");
    };
    await logInBy(async () => {
      await judge(page, "the second step");
      await face.shot("login-second");
      await page.getByLabel("Code").fill("000000");
      await page.keyboard.press("Enter");
      await sees(page, "That was not accepted. Try again.");
      await page.getByLabel("Code").fill(codeAt(secret, Date.now() + 30_000));
      await page.keyboard.press("Enter");
    });
    await logInBy(async () => {
      await page.getByRole("button", { name: "Use recovery code instead" }).click();
      await page.getByLabel("recovery code").fill(codes[4]!.toUpperCase().replaceAll("-", " "));
      await page.keyboard.press("Enter");
    });
    await sees(page, "9 of 10 left");
    await forget(cortex, page);

    // From now on everybody must: a session that has only a password can do nothing else.
    cortex.writeConfig({ server: { require_second_factor: "all" } });
    cortex.signal("SIGHUP");
    const made = await cortex.api("POST", "users", { name: "bert", password: PASSWORD, role: "operator" });
    ensureEqual(made.status, 201, "making bert");
    const bert = await faces.stranger();
    await bert.open("/login?to=/problems");
    await bert.page.getByLabel("Name").fill("bert");
    await bert.page.getByLabel("Password").fill(PASSWORD);
    await bert.page.getByRole("button", { name: "Log in", exact: true }).click();
    await sees(bert.page, "Add a second factor");
    await judge(bert.page, "a second factor is needed");
    await bert.shot("second-factor");
    await bert.page.getByRole("button", { name: "Add Authenticator app" }).click();
    const his = (await bert.page.locator("main code").first().textContent())!.trim();
    await bert.page.getByLabel("Then enter the code it shows").fill(codeAt(his, Date.now()));
    await bert.page.getByRole("button", { name: "Add", exact: true }).click();
    await bert.page.waitForURL(`${cortex.url}/problems`);
    const faults = [...(await face.faults()), ...(await bert.faults())];
    ensure(faults.length === 0, faults.join("; "));
    return "code, recovery code and enforced enrolment in Chromium; a code works once";
  },
  async control(rig) {
    const { createTotpMethod } = await pluginModule<{
      createTotpMethod: (clock: Clock, options: object) => FactorMethod;
    }>(rig, "auth-totp/auth-totp.ts");
    await replayIsRefused(
      doorInside("totp", (clock) => createTotpMethod(clock, { issuer: "Cortex", rememberUsed: false })),
    );
    return "a code worked once although nobody remembers";
  },
};
export default scenario;
