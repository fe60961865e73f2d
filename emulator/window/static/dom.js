// Creates elements from values. External data becomes text, never markup.

export const byId = (id) => document.getElementById(id);

/** An element with properties, `data-` attributes under `data`, and children: elements, texts, or nothing. */
export function element(name, properties = {}, ...children) {
  const { data, aria, ...rest } = properties;
  const made = Object.assign(document.createElement(name), rest);
  Object.assign(made.dataset, data);
  for (const [key, value] of Object.entries(aria ?? {})) made.setAttribute(`aria-${key}`, value);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
}

export const tag = (text, kind = "") => element("span", { className: `tag ${kind}`.trim() }, text);

const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
const DAY = { month: "short", day: "numeric" };

/** A time, given in seconds since 1970: the time of day, and the date unless it is today. */
export function moment(seconds, digits = 0) {
  const at = new Date(seconds * 1000);
  const time = at.toLocaleTimeString([], digits ? { ...TIME, fractionalSecondDigits: digits } : TIME);
  const today = at.toDateString() === new Date().toDateString();
  const text = today ? time : `${at.toLocaleDateString([], DAY)} ${time}`;
  return element("time", { dateTime: at.toISOString(), title: at.toLocaleString() }, text);
}

export function bytes(size) {
  if (size < 1024) return `${size} B`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KiB` : `${(size / 1024 / 1024).toFixed(1)} MiB`;
}

export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

let toastTimer;

/** Shows a message at the bottom of the page for a few seconds. */
export function toast(text) {
  byId("toast").textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (byId("toast").textContent = ""), 5000);
}
