import { defineErrors } from "cortex";

export const enrolErrors = defineErrors("enrol", {
  token: "unauthenticated",
  too_many: "unavailable",
  nonce: "invalid",
  signature: "unauthenticated",
  name_taken: "conflict",
  full: "unavailable",
  revoked: "forbidden",
  quarantined: "forbidden",
  other_node: "forbidden",
  not_joined: "conflict",
  not_pending: "conflict",
  not_quarantined: "conflict",
  local_node: "conflict",
});

export const notJoined = () =>
  enrolErrors.not_joined(
    "this node did not join with a token: it runs inside the Monitor, or uses an API key",
  );
