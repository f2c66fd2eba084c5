/**
 * A transport in the wrong hands: a relay between a machine and its Monitor that has the Monitor's certificate and its link
 * key, so that the machine believes every word of it. What it has not is the key the Monitor decides with.
 */
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { type Approval, approval } from "../../../core/domain/decide/approval.ts";
import { answerBytes } from "../../../core/domain/signing.ts";
import { createSelfSigned } from "../../../core/ports/network/self-signed.ts";
import { type KeyPair, loadKeyPair } from "../../../core/store/key-file.ts";
import type { Command, CommandResult } from "../../../core/wire/command.ts";
import {
  ANSWER_SIGNATURE,
  ANSWER_TIME,
  type LinkAnswer,
  type LinkRequest,
} from "../../../core/wire/link-messages.ts";
import type { Place } from "../identity/remote.ts";
import type { Cortex } from "../lib/cortex.ts";
import type { Rig } from "../lib/rig.ts";
import { pause, until } from "../lib/wait.ts";

export type DecisionCommand = Extract<Command, { type: "decision" }>;

export interface TakenOver extends Place {
  linkKey: KeyPair;
  /** The Monitor's own words about this intent, kept from the machine. */
  caught(intent: string): Promise<{ command: DecisionCommand; approval: Approval }>;
  /** Say something to the machine in the Monitor's name; its answer. */
  say(command: DecisionCommand): Promise<CommandResult>;
  /** End the session, and name this key (base64) as the one that decides when the machine connects anew. */
  offerKey(publicKey: string): Promise<void>;
  /** From now on the Monitor's words pass as they are. */
  letPass(): void;
}

interface Said {
  command: DecisionCommand;
  resolve: (result: CommandResult) => void;
}

const isYes = (command: unknown): command is DecisionCommand => {
  const { type, verdict } = command as Partial<DecisionCommand>;
  return type === "decision" && verdict === "approve";
};

export async function takeOver(rig: Rig, monitor: Cortex): Promise<TakenOver> {
  const linkKey = loadKeyPair(join(monitor.dataDir, "keys", "monitor.key"), "the Monitor's key");
  const now = Date.now();
  const tls = await createSelfSigned({
    names: ["localhost"],
    notBefore: now - 60_000,
    notAfter: now + 86_400_000,
  });
  const held = new Map<string, DecisionCommand>();
  const said = new Map<string, Said>();
  let isHolding = true;
  let offer: { publicKey: string; isMade: boolean; endsSession: boolean } | null = null;

  async function onward(request: Request, path: string, body: string): Promise<Response> {
    const headers = new Headers(request.headers);
    headers.set("host", `127.0.0.1:${monitor.port}`);
    const { method, signal } = request;
    return fetch(monitor.url + path, { method, headers, signal, ...(method === "POST" && { body }) });
  }

  function sealed(request: Request, status: number, content: unknown): Response {
    const text = JSON.stringify(content);
    const ts = Date.now();
    const asked = / sig=(\S+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
    const bytes = answerBytes({ request: asked, status, body: Buffer.from(text), key: linkKey.id, ts });
    const headers = {
      "content-type": "application/json",
      [ANSWER_SIGNATURE]: linkKey.sign(bytes),
      [ANSWER_TIME]: String(ts),
    };
    return new Response(text, { status, headers });
  }

  async function exchange(request: Request, path: string, body: string): Promise<Response> {
    const asked = JSON.parse(body) as LinkRequest;
    for (const { id, result } of asked.answers) {
      said.get(id)?.resolve(result as CommandResult);
      said.delete(id);
    }
    if (offer?.endsSession) {
      offer.endsSession = false;
      return sealed(request, 409, { error: { code: "link.session_ended", message: "connect again" } });
    }
    const response = await onward(request, path, body);
    if (response.status !== 200) return response;
    const answer = (await response.json()) as LinkAnswer;
    const mine = asked.envelopes.length > 0 ? [] : [...said].filter(([id]) => !asked.running.includes(id));
    const passing = answer.commands.filter(({ command }) => !isHolding || !isYes(command));
    for (const { command } of answer.commands) if (isYes(command)) held.set(command.intent, command);
    // The Monitor repeats at once what was not answered.
    if (passing.length < answer.commands.length && mine.length === 0) await pause(50);
    const commands = [...passing, ...mine.map(([id, { command }]) => ({ id, command }))];
    return sealed(request, 200, { ...answer, commands });
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: await rig.port(),
    idleTimeout: 60,
    tls: { cert: tls.certificate, key: tls.key },
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      if (pathname === "/api/v1/link") return exchange(request, pathname + search, body);
      const response = await onward(request, pathname + search, body);
      if (offer === null || pathname !== "/api/v1/link/connect" || response.status !== 200) return response;
      offer.isMade = true;
      return sealed(request, 200, { ...((await response.json()) as object), decisionKey: offer.publicKey });
    },
  });
  rig.atEnd(() => server.stop(true));

  return {
    url: `https://localhost:${server.port}`,
    fingerprint: new X509Certificate(tls.certificate).fingerprint256.replaceAll(":", "").toLowerCase(),
    linkKey,
    async caught(intent) {
      const what = "the relay has caught the Monitor's words";
      const command = await until(() => held.get(intent), { what, timeoutMs: 20_000 });
      return { command, approval: approval.parse(command.approval) };
    },
    async say(command) {
      let result: CommandResult | null = null;
      said.set(crypto.randomUUID(), { command, resolve: (answer) => (result = answer) });
      return until(() => result, { what: "the machine answers", timeoutMs: 30_000, everyMs: 5 });
    },
    async offerKey(publicKey) {
      const offered = { publicKey, isMade: false, endsSession: true };
      offer = offered;
      await until(() => offered.isMade, { what: "the machine connects anew", timeoutMs: 60_000 });
    },
    letPass() {
      isHolding = false;
      offer = null;
    },
  };
}
