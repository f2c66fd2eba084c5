/**
 * Rules of this project that no published set has. Loaded by oxlint (jsPlugins) under Node, so plain JavaScript.
 * Each is proven to fire, and not to fire, in scripts/lint.test.ts.
 */

/** `Date.now()` and `new Date()` read the wall clock; `new Date(ms)` and `Date.parse(text)` only convert. */
const noWallClock = {
  create: (context) => ({
    NewExpression(node) {
      if (node.callee.name === "Date" && node.arguments.length === 0) report(context, node);
    },
    CallExpression(node) {
      if (node.callee.name === "Date") report(context, node);
    },
    MemberExpression(node) {
      const owner = node.object.name;
      const member = node.property.name ?? node.property.value;
      if (owner === "Date" && member === "now") report(context, node);
      if (owner === "performance" && (member === "now" || member === "timeOrigin")) report(context, node);
      if (owner === "AbortSignal" && member === "timeout") report(context, node);
      if (owner === "Temporal" && member === "Now") report(context, node);
    },
  }),
};
const report = (context, node) =>
  context.report({ node, message: "Time comes from the clock port: tests can't advance this one." });

const SHELL = /^(?:\/(?:usr\/)?bin\/)?(?:sh|bash|dash|zsh|ash|ksh)$/;

/** A program is started from an argv array; text that a shell would interpret never travels. */
const noShell = {
  create: (context) => {
    const complain = (node, what) =>
      context.report({ node, message: `${what}: start programs from argv arrays, never through a shell.` });
    return {
      ArrayExpression({ elements }) {
        const [program, flag] = elements;
        if (SHELL.test(program?.value ?? "") && /^-[a-z]*c$/.test(flag?.value ?? ""))
          complain(program, "sh -c");
      },
      TaggedTemplateExpression({ tag }) {
        const name = tag.name ?? (tag.object?.name === "Bun" ? tag.property?.name : undefined);
        if (name === "$") complain(tag, "Bun.$");
      },
      ImportSpecifier(node) {
        const source = node.parent?.source?.value ?? "";
        if (!/^(node:)?child_process$/.test(source)) return;
        if (/^exec(Sync)?$/.test(node.imported.name)) complain(node, node.imported.name);
      },
      Property(node) {
        if (node.key.name === "shell" && node.value.value !== false && node.value.value !== undefined) {
          complain(node, "shell: true");
        }
      },
    };
  },
};

/** Switching certificate checks off is never a default; a probe that only looks says so with a comment. */
const noUnverifiedTls = {
  create: (context) => ({
    Property(node) {
      const key = node.key.name ?? node.key.value;
      if (key === "rejectUnauthorized" && node.value.value === false) {
        context.report({ node, message: "rejectUnauthorized: false accepts any certificate." });
      }
    },
  }),
};

/** JavaScriptCore gives up backtracking after half a second and answers "no match": a made-up pattern fails open. */
const noDynamicPattern = {
  create: (context) => {
    const check = (node) => {
      if (node.callee.name !== "RegExp") return;
      if (node.arguments[0]?.type === "Literal") return;
      context.report({
        node,
        message: "A pattern made at run time backtracks: use a linear-time engine or plain text.",
      });
    };
    return { NewExpression: check, CallExpression: check };
  },
};

export default {
  meta: { name: "cortex" },
  rules: {
    "no-wall-clock": noWallClock,
    "no-shell": noShell,
    "no-unverified-tls": noUnverifiedTls,
    "no-dynamic-pattern": noDynamicPattern,
  },
};
