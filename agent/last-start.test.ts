import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../core/testing/test-folder.ts";
import { howToRestart, howToStart, lastStartOf, noteStart } from "./last-start.ts";
import { loadSettings } from "./settings.ts";

const BY_HAND = "0::/user.slice/user-1000.slice/session-2.scope\n";

test("who is told to start Cortex again is told the options that it had", () => {
  const root = testFolder();
  const options = { config: "/srv/my cortex.yaml", "plugins-dir": "/srv/plugins", "data-dir": root };
  noteStart(root, options, BY_HAND);
  const command = `cortex up --data-dir ${root} --config '/srv/my cortex.yaml' --plugins-dir /srv/plugins`;
  expect(howToStart(root)).toBe(`start it with \`${command}\``);
  expect(howToRestart(root)).toBe(`stop it, then start it with \`${command}\``);
  noteStart(root, {}, BY_HAND);
  expect(howToStart(root)).toBe("start it with `cortex up`");
});

test("where systemd runs Cortex, and only there, it is systemd that is asked", () => {
  const root = testFolder();
  noteStart(root, { config: "/etc/cortex/cortex.yaml" }, "0::/system.slice/cortex.service\n");
  expect(howToRestart(root)).toBe("restart it with `systemctl restart cortex.service`");
  noteStart(root, {}, "0::/system.slice/cron.service\n");
  expect(howToRestart(root)).not.toContain("systemctl");
});

test("of a start that nobody wrote down it is said that options may be needed", () => {
  const root = testFolder();
  expect(howToStart(root)).toBe("start it with `cortex up`, and with the --config you used");
  writeFileSync(join(root, "started.json"), "{");
  expect(lastStartOf(root)).toBeNull();
});

test("a command beside Cortex knows the plugins of the folder that Cortex was started with", () => {
  const folder = testFolder();
  const plugins = join(folder, "plugins");
  mkdirSync(join(plugins, "queue-depth"), { recursive: true });
  writeFileSync(join(plugins, "queue-depth", "index.ts"), "");
  const config = join(folder, "cortex.yaml");
  writeFileSync(config, "plugins: { queue-depth: {} }\n", { mode: 0o600 });
  const options = { config, "data-dir": folder };
  expect(() => loadSettings(options)).toThrow('unknown plugin "queue-depth"');
  noteStart(folder, { ...options, "plugins-dir": plugins }, BY_HAND);
  expect(loadSettings(options).pluginsDir).toBe(plugins);
  // Another one that is named, and a start, take nothing from that.
  expect(() => loadSettings({ ...options, "plugins-dir": folder })).toThrow("unknown plugin");
  expect(() => loadSettings(options, { remember: false })).toThrow("unknown plugin");
});
