/** Signed requests at the door: the body is read before the sender is known, because the signature is over it. */
import type { Principal } from "cortex";
import type { Enrol } from "../../enrol/enrol.ts";
import { ANSWER_SIGNATURE, ANSWER_TIME } from "../../wire/link-messages.ts";

export interface Opened {
  /** As it came, with a body that can be read once more. */
  request: Request;
  /** The node that signed it. */
  principal: Principal;
}

/** null when the request is not signed. Errors: `node.*`, `http.too_large`. */
export async function openSigned(
  enrol: Enrol,
  request: Request,
  readBody: () => Promise<string>,
): Promise<Opened | null> {
  const authorization = request.headers.get("authorization");
  if (authorization === null || !enrol.messages.isSigned(authorization)) return null;
  const text = await readBody();
  const at = new URL(request.url);
  const body = new TextEncoder().encode(text);
  const target = at.pathname + at.search;
  const principal = await enrol.messages.verify({ method: request.method, target, authorization, body });
  const { method, headers, signal } = request;
  return { request: new Request(request.url, { method, headers, signal, body: text || null }), principal };
}

/** The Monitor's signature under the answer; also under a refusal, so that nobody on the way can forge one. */
export async function sealed(enrol: Enrol, request: Request, response: Response): Promise<Response> {
  const authorization = request.headers.get("authorization");
  if (authorization === null || !enrol.messages.isSigned(authorization)) return response;
  const body = new Uint8Array(await response.arrayBuffer());
  const { signature, ts } = enrol.messages.signAnswer(authorization, response.status, body);
  const headers = new Headers(response.headers);
  headers.set(ANSWER_SIGNATURE, signature);
  headers.set(ANSWER_TIME, String(ts));
  return new Response(body, { status: response.status, headers });
}
