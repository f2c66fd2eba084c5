/** The setup link: for the first admin, once, and only that of the newest start. */
import type { Cortex } from "../lib/cortex.ts";
import { ensureEqual } from "../lib/ensure.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

const ADMIN = { name: "ada", password: "correct horse battery staple" };

const setupTokens = (cortex: Cortex) =>
  [...cortex.stdout().matchAll(/^Setup: (http\S+)\/setup#(\S+)$/gm)].map(([, url, token]) => {
    ensureEqual(url, cortex.url, "address in the setup link");
    return token!;
  });

const scenario: Scenario = {
  name: "setup-link",
  quick: true,
  async run(rig) {
    const cortex = await rig.cortex({ config: {} });
    const [first] = await until(() => setupTokens(cortex).length > 0 && setupTokens(cortex), {
      what: "the setup link is printed",
      timeoutMs: 5000,
    });
    const isOpen = async () =>
      (await cortex.api<{ setup: boolean }>("GET", "auth/methods", undefined, { key: null })).json.setup;
    const redeem = async (token: string, name: string) =>
      (await cortex.api("POST", "auth/setup", { ...ADMIN, name, token }, { key: null })).status;
    ensureEqual(await isOpen(), true, "setup, before there is an admin");
    ensureEqual(await redeem(`${first}x`, "eve"), 403, "a wrong token");

    await cortex.restart();
    const [, second] = await until(() => setupTokens(cortex).length > 1 && setupTokens(cortex), {
      what: "the next start prints a link of its own",
      timeoutMs: 5000,
    });
    ensureEqual(await redeem(first!, "eve"), 403, "the link of the start before");
    ensureEqual(await redeem(second!, "ada"), 201, "the link");
    for (const [token, what] of [
      [second!, "the link, a second time"],
      [first!, "the older link, after the first admin"],
    ] as const)
      ensureEqual(await redeem(token, "eve"), 404, what);
    ensureEqual(await isOpen(), false, "setup, with an admin");

    await cortex.restart();
    ensureEqual(setupTokens(cortex).length, 2, "setup links, after a start with an admin");
    const { json } = await cortex.api<{ items: { name: string; role: string }[] }>("GET", "users");
    ensureEqual(
      json.items.map(({ name, role }) => [name, role]),
      [["ada", "admin"]],
      "users",
    );
    return "one use, none of an older start, dead after the first admin, no link at the next start";
  },
};

export default scenario;
