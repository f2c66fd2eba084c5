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
        message:
          "A pattern made at run time backtracks: use compilePattern of the SDK, which is linear, or plain text.",
      });
    };
    return { NewExpression: check, CallExpression: check };
  },
};

const SECRET_NAME = /(?:secret|password|token|digest|hmac|passwordHash|secretHash|tokenHash)$/i;
const nameOf = (node) => node?.name ?? node?.property?.name ?? node?.expression?.name ?? "";
const isPlain = (node) =>
  node?.type === "Literal" ||
  nameOf(node) === "undefined" ||
  node?.type === "UnaryExpression" ||
  node?.type === "TemplateLiteral";

/** Comparing stops at the first difference: how long it takes tells how much was right. */
const noSecretCompare = {
  create: (context) => ({
    BinaryExpression(node) {
      if (!["===", "!==", "==", "!="].includes(node.operator)) return;
      const { left, right } = node;
      if (isPlain(left) || isPlain(right)) return;
      if (!SECRET_NAME.test(nameOf(left)) && !SECRET_NAME.test(nameOf(right))) return;
      context.report({ node, message: "Secrets are compared by timingSafeEqual of their digests." });
    },
  }),
};

const SQL = /^\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|PRAGMA|ATTACH|VACUUM|WITH)\s/;

/** Values are bound. Part of a statement may be a constant of the module (a list of columns) and the `sql` of store's where(). */
const noSqlTemplate = {
  create: (context) => ({
    TemplateLiteral(node) {
      if (!SQL.test(node.quasis[0]?.value.raw ?? "")) return;
      if (node.expressions.every((part) => /^(?:[A-Z][A-Z0-9_]*|sql)$/.test(part.name ?? ""))) return;
      context.report({ node, message: "Values are bound with ?, never written into a statement." });
    },
    BinaryExpression(node) {
      if (node.operator !== "+" || !SQL.test(String(node.left.value ?? ""))) return;
      if (node.right.type !== "Literal")
        context.report({ node, message: "Values are bound with ?, never written into a statement." });
    },
  }),
};

const MARKUP = new Set(["innerHTML", "outerHTML", "srcdoc"]);

/** Text from hosts is text. The rule for JSX is solid/no-innerhtml. */
const noMarkup = {
  create: (context) => ({
    AssignmentExpression({ left }) {
      const name = left.property?.name ?? left.property?.value;
      if (MARKUP.has(name))
        context.report({ node: left, message: `${name} makes markup of text: use textContent.` });
    },
    CallExpression({ callee }) {
      const name = callee.property?.name;
      const writes = ["write", "writeln"].includes(name) && callee.object?.name === "document";
      if (writes || name === "insertAdjacentHTML" || name === "createContextualFragment")
        context.report({ node: callee, message: `${name} makes markup of text: use textContent.` });
    },
  }),
};

const DELETES = /^(?:rm|rmdir|unlink)(?:Sync)?$/;

/** Files are deleted where it is known which ones they are: the cleaner, the store, the program's own folder. */
const noDelete = {
  create: (context) => ({
    ImportSpecifier(node) {
      const source = node.parent?.source?.value ?? "";
      if (/^(?:node:)?fs(?:\/promises)?$/.test(source) && DELETES.test(node.imported.name ?? ""))
        context.report({ node, message: "Files are deleted in core/ports and core/store only." });
    },
    CallExpression({ callee }) {
      if (callee.object?.name === "fs" && DELETES.test(callee.property?.name ?? ""))
        context.report({ node: callee, message: "Files are deleted in core/ports and core/store only." });
    },
  }),
};

export default {
  meta: { name: "cortex" },
  rules: {
    "no-wall-clock": noWallClock,
    "no-shell": noShell,
    "no-unverified-tls": noUnverifiedTls,
    "no-dynamic-pattern": noDynamicPattern,
    "no-secret-compare": noSecretCompare,
    "no-sql-template": noSqlTemplate,
    "no-markup": noMarkup,
    "no-delete": noDelete,
  },
};
