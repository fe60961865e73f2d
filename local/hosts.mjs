// By which names the parts of the stack may be called: the rule of hosts.py, for those that run in Node.js.
import net from "node:net";

// Names that no public site can have: none of these can be made to point here by one.
const PRIVATE = /^[^.]+$|\.(?:localhost|internal|local|test|svc)$/;
const ALLOWED = (process.env.CHATR_ALLOWED_HOSTS ?? "").toLowerCase().split(",").map((name) => name.trim());

/** Whether a Host header names this machine. No browser leaves it out. */
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
