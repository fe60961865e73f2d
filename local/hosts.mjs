// The host names under which the parts of the stack may be called: the same rule as in hosts.py, for Node.js.
import net from "node:net";

// Names that no public site can have, so none can make them resolve to this machine.
const PRIVATE = /^[^.]+$|\.(?:localhost|internal|local|test|svc)$/;
const ALLOWED = (process.env.CHATR_ALLOWED_HOSTS ?? "").toLowerCase().split(",").map((name) => name.trim());

/** Whether a Host header is allowed. Browsers always send one, so a request without it comes from a program. */
export function isOwnHost(host, allowed = ALLOWED) {
  if (!host || allowed.includes("*")) return true;
  const name = nameOf(host);
  return name !== "" && (net.isIP(name) !== 0 || PRIVATE.test(name) || allowed.includes(name));
}

function nameOf(host) {
  try {
    return new URL(`http://${host}`).hostname.replace(/^\[|\]$|\.$/g, "");
  } catch {
    return "";
  }
}
