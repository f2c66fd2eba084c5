import type { Page } from "playwright-core";
import { createFakeRedirect } from "../../../core/testing/fake-sign-in.ts";
import { type OidcHouse, startOidcHouse } from "../../../core/testing/oidc-house.ts";
import { createTestApi } from "../../../core/testing/test-api.ts";
import { testProviders } from "../../../core/testing/test-providers.ts";
import { axeFindings, openFaces, sees } from "../face/browser.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Scenario } from "../scenario.ts";
import { ask, cookieOf } from "./person.ts";

const CALLBACK = "/api/v1/auth/oidc_company/callback";

/** What a stranger prepared: the way back from the provider, of a sign-in that the stranger began. */
interface Bait {
  /** Path and query. */
  path: string;
}

/** T59: a link that logs its reader in as the sender. True: it did. */
async function isTaken(
  bait: Bait,
  follow: (path: string, cookie: string) => Promise<string | null>,
): Promise<void> {
  const session = await follow(bait.path, "__Host-cortex-browser=of-the-victim");
  ensure(session === null, "the victim is logged in as the stranger");
}

const configOf = (house: OidcHouse) => ({
  plugins: {
    "auth-oidc": [
      {
        id: "company",
        label: "Company",
        issuer: house.issuer,
        client_id: house.clientId,
        client_secret: "${env:OIDC_SECRET}",
        scopes: ["openid", "profile", "groups"],
        grants: [
          { group: "infra", role: "admin" },
          { group: "web", role: "viewer" },
        ],
      },
    ],
  },
});

async function strangersBait(cortex: Cortex, house: OidcHouse): Promise<Bait> {
  const { json, headers } = await ask<{ url: string }>(cortex.url, "POST", "auth/oidc_company/start", {
    body: {},
  });
  ensure(String(headers["set-cookie"]).includes("SameSite=Lax"), "the browser has no cookie of its own");
  const back = new URL(await house.visit(json.url, "eve"));
  return { path: back.pathname + back.search };
}

/** The form of the provider, where it asks. */
async function fillIn(page: Page, account: string): Promise<void> {
  await page.getByLabel("Account").fill(account);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const scenario: Scenario = {
  name: "oidc-login",
  quick: true,
  timeoutMs: 180_000,
  threats: ["T59"],
  async run(rig) {
    const port = await rig.port();
    const house = await startOidcHouse([`http://127.0.0.1:${port}${CALLBACK}`]);
    rig.atEnd(() => house.stop());
    house.accounts.set("u-1", { name: "carla", groups: ["infra"] });
    house.accounts.set("eve", { groups: ["infra"] });
    const cortex = await rig.cortex({
      listen: `127.0.0.1:${port}`,
      config: configOf(house),
      env: { OIDC_SECRET: house.clientSecret },
    });
    const faces = await openFaces(rig, cortex);
    const face = await faces.stranger();
    const { page } = face;

    await page.goto(`${cortex.url}/login?to=/profile`);
    const button = page.getByRole("button", { name: "Log in with Company" });
    await button.waitFor();
    const findings = await axeFindings(page);
    ensure(findings.length === 0, findings.join("; "));
    await face.shot("login-ways");
    await button.click();
    await fillIn(page, "u-1");
    await page.waitForURL(`${cortex.url}/profile`);
    await sees(page, "Admin on everything");
    await face.shot("profile-oidc");
    const users = async () =>
      (await cortex.api("GET", "users")).json as { items: { name: string; role: string }[] };
    ensureEqual(
      (await users()).items.map(({ name }) => name).join(),
      "carla",
      "accounts after the first sign-in",
    );

    // Another group there is another role here, from the next sign-in on; and the old session is gone.
    house.accounts.set("u-1", { name: "carla", groups: ["web"] });
    const other = await faces.stranger();
    await other.page.goto(`${cortex.url}/login?to=/profile`);
    await other.page.getByRole("button", { name: "Log in with Company" }).click();
    await fillIn(other.page, "u-1");
    await sees(other.page, "Viewer on everything");
    await page.reload();
    await sees(page, "Log in to Cortex");

    house.accounts.set("u-1", { name: "carla", groups: [] });
    const third = await faces.stranger();
    await third.page.goto(`${cortex.url}/login`);
    await third.page.getByRole("button", { name: "Log in with Company" }).click();
    await fillIn(third.page, "u-1");
    await sees(third.page, "None of your groups may use this Cortex. Ask your admin.");
    await third.shot("login-unmapped");
    await other.page.reload();
    await sees(other.page, "Log in to Cortex");
    ensureEqual(
      (await cortex.api("GET", "users")).text.includes('"grants":[]'),
      true,
      "carla may nothing any more",
    );

    const bait = await strangersBait(cortex, house);
    await isTaken(bait, async (path, cookie) =>
      cookieOf(await ask(cortex.url, "GET", path.slice("/api/v1/".length), { cookie })),
    );
    ensure(!cortex.stderr().includes(house.clientSecret), "the client secret is in the log");
    const faults = [...(await face.faults()), ...(await other.faults()), ...(await third.faults())];
    ensure(faults.length === 0, faults.join("; "));
    return "groups become roles in Chromium, a lost group loses them at the next sign-in; a stranger's link logs nobody in";
  },
  async control() {
    const providers = [
      ...testProviders,
      createFakeRedirect({ eve: { grants: [{ role: "admin", scope: "*" }] } }),
    ];
    const api = createTestApi({ providers, bindToBrowser: false });
    const start = await api.send("POST", "/api/v1/auth/fakeid/start", { body: {} });
    const state = new URL(String(start.json["url"])).searchParams.get("state");
    await isTaken({ path: `/api/v1/auth/fakeid/callback?code=eve&state=${state}` }, async (path, cookie) => {
      const { headers } = await api.send("GET", path, { headers: { cookie } });
      return cookieOf({ headers: { "set-cookie": headers.getSetCookie() } });
    });
    return "the link was refused although nobody looks at the browser";
  },
};
export default scenario;
