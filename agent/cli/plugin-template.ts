/** What `cortex plugin new` writes: a check that works, a case that proves it, and what to change. */

export function templateOf(name: string): Record<string, string> {
  const check = name.replaceAll("-", "_");
  return {
    "index.ts": `import { definePlugin, judge } from "cortex";
import * as z from "zod";

export default definePlugin({
  name: "${name}",
  version: "1.0.0",
  sdk: 1,
  summary: "Files that wait in a folder.",
  modes: ["agent"],
  // What it may touch; everything else is refused. fs-read: what every user may read. fs-read:/PATH: what lies below.
  capabilities: ["fs-read"],
  config: z
    .strictObject({
      path: z.string().default("/var/spool/${name}").describe("Folder to count."),
      warning: z.number().default(100).describe("Files from which on it is a warning."),
      critical: z.number().default(1000).describe("Files from which on it is critical."),
    })
    .prefault({}),
  setup(ctx, config) {
    return {
      checks: [
        {
          name: "${check}",
          summary: "How many files wait.",
          type: "${check}.high",
          nature: "measured",
          intervalMs: 15_000,
          confirmMs: 60_000,
          async run(run) {
            if (!(await ctx.fs.exists(config.path))) return [{ skipped: \`\${config.path} does not exist\` }];
            const waiting = (await ctx.fs.list(config.path)).length;
            const limits = { ...config, clearWarning: config.warning * 0.8 };
            const status = judge(waiting, limits, run.previous(config.path));
            const summary = \`\${waiting} files wait in \${config.path}\`;
            return [{ target: config.path, status, summary, metrics: { "${check}_count": waiting } }];
          },
        },
      ],
    };
  },
});
`,
    "README.md": `# ${name}

What it looks at, when it is a problem, and what to do then.

- \`cortex plugin test ${name}\` runs it once here, and every folder of \`testcases/\`: \`root/\` is the host it sees,
  \`config.json\` its configuration, \`exec.json\` what programs say, \`expected.json\` the results.
- \`cortex plugin allow ${name}\` puts it on the allow-list as it is now; every edit needs that again.
`,
    "testcases/a-few-files-wait/config.json": `{ "path": "/spool", "warning": 2 }\n`,
    "testcases/a-few-files-wait/root/spool/one": "",
    "testcases/a-few-files-wait/root/spool/two": "",
    "testcases/a-few-files-wait/expected.json": `[
  {
    "target": "/spool",
    "status": "warning",
    "summary": "2 files wait in /spool",
    "metrics": { "${check}_count": 2 }
  }
]
`,
  };
}
