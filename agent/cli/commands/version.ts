import { COMMIT, VERSION } from "../../version.ts";
import { command } from "../command.ts";
import { print, printJson } from "../output.ts";

export default command({
  name: "version",
  description: "Print version, commit, runtime and platform.",
  args: { json: { type: "boolean", description: "Print JSON." } },
  async run(args) {
    const facts = {
      version: VERSION,
      commit: COMMIT,
      bun: Bun.version,
      platform: `${process.platform}-${process.arch}`,
    };
    if (args.json) printJson(facts);
    else print(`cortex ${facts.version} (${facts.commit}) bun ${facts.bun} ${facts.platform}`);
  },
});
