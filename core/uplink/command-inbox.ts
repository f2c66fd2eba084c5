/**
 * Commands from afar: each is carried out once, however often it arrives, and its answer is sent until it was taken. What may be
 * done at all is for the handler to judge.
 */
import { messageOf } from "cortex";
import type { Command, CommandResult } from "../wire/command.ts";
import type { LinkAnswer, LinkRequest } from "../wire/link-messages.ts";

type Handler = (command: Command) => Promise<CommandResult>;
type Answers = LinkRequest["answers"];

export interface CommandInbox {
  handle(handler: Handler): void;
  /** Begin those that are new. */
  take(commands: LinkAnswer["commands"]): void;
  /** Ids that need not be sent again. */
  running(): string[];
  /** Answers that may not have arrived. */
  unsent(): Answers;
  sent(answers: Answers): void;
}

/** Commands remembered, so that a repeated one is answered and not repeated. */
const KEPT = 500;
const MAX_ANSWERS = 50;

export function createCommandInbox(deps: { answer: (answers: Answers) => Promise<void> }): CommandInbox {
  const running = new Set<string>();
  const results = new Map<string, CommandResult>();
  const waiting = new Set<string>();
  let handler: Handler | null = null;

  async function carryOut(id: string, command: Command): Promise<void> {
    running.add(id);
    const result = await handler!(command).catch((error: unknown): CommandResult => ({
      ok: false,
      code: "command.failed",
      kind: "internal",
      message: messageOf(error),
    }));
    results.set(id, result);
    if (results.size > KEPT) results.delete(results.keys().next().value!);
    running.delete(id);
    waiting.add(id);
    const answers = unsent();
    await deps.answer(answers).then(
      () => sent(answers),
      // The next poll takes them along.
      () => undefined,
    );
  }

  function unsent(): Answers {
    return [...waiting].slice(0, MAX_ANSWERS).flatMap((id) => {
      const result = results.get(id);
      return result === undefined ? [] : [{ id, result: result as Answers[number]["result"] }];
    });
  }

  function sent(answers: Answers): void {
    for (const { id } of answers) waiting.delete(id);
  }

  return {
    handle(given) {
      handler = given;
    },
    take(commands) {
      for (const { id, command } of commands) {
        if (running.has(id) || handler === null) continue;
        if (results.has(id)) waiting.add(id);
        else void carryOut(id, command as Command);
      }
    },
    running: () => [...running],
    unsent,
    sent,
  };
}
