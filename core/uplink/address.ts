/** Where a Monitor may be reported to. */
import { defineErrors } from "cortex";

export const upstreamErrors = defineErrors("upstream", {
  address: "invalid",
  insecure: "invalid",
});

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The base of all requests. Errors: `upstream.address`, `upstream.insecure`. */
export function monitorAddress(text: string, allowInsecureHttp: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !["https:", "http:"].includes(url.protocol) ||
    url.username !== "" ||
    url.password !== ""
  )
    throw upstreamErrors.address("the Monitor's address must look like https://monitor.example:7600");
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname) && !allowInsecureHttp)
    throw upstreamErrors.insecure(
      `${url.origin} is plain HTTP: everybody on the way could read what this node reports; serve the Monitor over TLS, or set ` +
        "upstream.allow_insecure_http",
    );
  return new URL(url.origin);
}
