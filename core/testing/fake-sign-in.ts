/** A factor and an identity provider whose answers a test can say itself. */
import type { AuthProvider, ExternalIdentity } from "cortex";

/** Its answer is `{ code }`: the code it was enrolled with and the number of the use, `s3cret-1`, `s3cret-2`, … */
export const fakeFactor: AuthProvider = {
  method: "fake",
  factor: {
    kind: "second",
    prompt: "code",
    beginEnrol: async () => ({ options: { secret: "s3cret" }, state: { secret: "s3cret" } }),
    finishEnrol: async ({ state, answer }) =>
      codeOf(answer) === "s3cret-0" ? { data: { ...(state as object), uses: 0 } } : null,
    async verify(factors, { answer }) {
      for (const { id, data } of factors) {
        const { secret, uses } = (data ?? {}) as { secret: string; uses: number };
        if (codeOf(answer) === `${secret}-${uses + 1}`)
          return { factor: id, data: { secret, uses: uses + 1 } };
      }
      return null;
    },
    describe: ({ data }) => ({ uses: (data as { uses: number } | null)?.uses ?? 0 }),
  },
};

/** Alone as well: its answer names its handle, and must repeat the question. */
export const fakePasskey: AuthProvider = {
  method: "fakekey",
  factor: {
    kind: "second",
    prompt: "webauthn",
    alone: true,
    beginEnrol: async () => ({ options: null, state: null }),
    finishEnrol: async ({ answer }) => ({
      data: {},
      handle: String((answer as { handle?: unknown }).handle),
    }),
    async challenge() {
      const question = crypto.randomUUID();
      return { options: { question }, state: { question } };
    },
    async verify(factors, { state, answer }) {
      const { question } = (state ?? {}) as { question?: string };
      const right = question !== undefined && (answer as { question?: unknown }).question === question;
      return right && factors.length > 0 ? { factor: factors[0]!.id, data: {} } : null;
    },
    handleOf: (answer) => String((answer as { handle?: unknown }).handle),
  },
};

export const fakeBackup: AuthProvider = {
  method: "fakebackup",
  factor: {
    kind: "backup",
    prompt: "code",
    single: true,
    beginEnrol: async () => ({ options: { codes: ["paper"] }, state: null }),
    finishEnrol: async () => ({ data: { left: true } }),
    verify: async (factors, { answer }) =>
      codeOf(answer) === "paper" && (factors[0]?.data as { left?: boolean } | undefined)?.left === true
        ? { factor: factors[0]!.id, data: { left: false } }
        : null,
  },
};

/** Sends the browser to `https://id.example/?state=…`; the callback's `code` says as whom it comes back. */
export function createFakeRedirect(people: Record<string, Partial<ExternalIdentity>>): AuthProvider {
  return {
    method: "fakeid",
    redirect: {
      label: "Fake ID",
      start: async ({ ticket, fresh }) => ({
        url: `https://id.example/?state=${ticket}`,
        state: { ticket, fresh },
      }),
      async finish({ url, ticket, state }) {
        const query = new URL(url).searchParams;
        const person = people[query.get("code") ?? ""];
        if (person === undefined || query.get("state") !== ticket || state["ticket"] !== ticket) return null;
        return {
          issuer: "https://id.example",
          subject: query.get("code")!,
          name: query.get("code")!,
          grants: [],
          authAt: null,
          endUrl: null,
          ...person,
        };
      },
    },
  };
}

const codeOf = (answer: unknown): unknown => (answer as { code?: unknown } | null)?.code;
