// How hubs, connections, groups, messages and calls look as rows.

import { bytes, element, moment, plural, tag } from "./dom.js";
import { compact, isJson, pretty } from "./json.js";

const ANONYMOUS = "anonymous";
// How many groups of a client and members of a group a row shows.
const SHOWN = 3;
const BEGINNING = 300;

export function hubRow(hub) {
  return element(
    "li",
    { data: { hub: hub.name } },
    element("div", { className: "line" }, element("b", {}, hub.name), count(hub.connections, "connection"), count(hub.groups, "group")),
    ...hub.handlers.map((handler) =>
      element("div", { className: "line quiet" }, "\u2192 ", element("code", {}, handler.url), handled(handler)),
    ),
  );
}

const count = (number, one) => element("span", { className: "quiet" }, plural(number, one));

function handled({ system_events, events }) {
  const users = events.includes("*") ? ["every user event"] : events;
  return element("span", {}, [...system_events, ...users].join(", ") || "no events");
}

export function connectionRow(connection, { mayAct, send, close }) {
  const state = connection.here
    ? connection.recoverable && tag("recoverable")
    : tag("away, may recover", "warning");
  const who = connection.user ?? ANONYMOUS;
  const groups = connection.groups.map((name) => tag(name, "group"));
  return element(
    "li",
    { data: { connection: connection.id } },
    element(
      "div",
      { className: "line" },
      element("b", { className: connection.user === null ? "quiet" : "" }, who),
      tag(connection.hub, "hub"),
      state || null,
      mayAct && button("Send", `Send to ${who}, ${connection.id}`, () => send(connection)),
      mayAct && button("Close", `Close ${who}, ${connection.id}`, () => close(connection)),
    ),
    element(
      "div",
      { className: "line quiet" },
      element("code", {}, connection.id),
      element("span", {}, connection.protocol ?? "no sub-protocol"),
      element("span", {}, "since ", moment(connection.since)),
    ),
    groups.length > 0 && element("div", { className: "line" }, ...groups.slice(0, SHOWN)),
    others(groups.slice(SHOWN), connection.more_groups, "group"),
  );
}

/** The rest of a list, which can be expanded; the page does not know the `untold` ones. */
function others(shown, untold, one) {
  const hidden = shown.length + untold;
  if (hidden === 0) return null;
  return element(
    "details",
    { className: "others" },
    element("summary", {}, element("span", { className: "line" }, plural(hidden, `more ${one}`))),
    element("div", { className: "line quiet" }, ...shown, untold > 0 && `and ${plural(untold, "more", "more")}`),
  );
}

function button(text, label, onclick) {
  return element("button", { type: "button", className: "small", onclick, aria: { label } }, text);
}

export function groupRow(group, { mayAct, send }) {
  const members = group.members.map((member) =>
    element("span", { className: "quiet", title: member.id }, member.user ?? `${ANONYMOUS} ${member.id.slice(0, 6)}`),
  );
  return element(
    "li",
    { data: { group: group.name } },
    element(
      "div",
      { className: "line" },
      tag(group.name, "group"),
      tag(group.hub, "hub"),
      count(group.count, "member"),
      ...members.slice(0, SHOWN),
      mayAct && button("Send", `Send to the group ${group.name}`, () => send(group)),
    ),
    others(members.slice(SHOWN), group.count - members.length, "member"),
  );
}

/** `userOf(id)` is the user of a connection, if known. */
export function messageRow(message, userOf) {
  const [kind, name] = message.to;
  const reached = kind === "event" ? (message.reached ? null : tag("no handler takes it", "bad")) : reach(message.reached);
  return folded(
    { message: message.id },
    [
      moment(message.time, 3),
      speaker(message.from),
      element("span", { className: "quiet" }, "\u2192"),
      addressee(kind, name, userOf),
      tag(message.hub, "hub"),
      element("span", { className: "quiet" }, `${message.type}, ${bytes(message.size)}`),
      reached,
    ],
    message.content === null ? null : element("span", { className: "content" }, beginning(message) || "(empty)"),
    [
      message.content === null ? null : element("pre", { tabIndex: 0, aria: { label: "Content" } }, whole(message)),
      message.whole || message.content === null ? null : element("p", {}, `Only the beginning of ${bytes(message.size)} is shown.`),
      facts({ From: message.from.connection, To: kind === "connection" ? name : null }),
      // In an element of its own, because clients choose the name.
      facts(message.metadata),
    ],
  );
}

const reach = (number) => tag(`reached ${number.toLocaleString()}`, number === 0 ? "warning" : "");

function speaker(from) {
  if (from.kind === "server") return tag("server", "server");
  if (from.kind === "handler") return tag("event handler", "server");
  return element("b", { title: from.connection }, from.user ?? ANONYMOUS);
}

function addressee(kind, name, userOf) {
  if (kind === "all") return element("b", {}, "everyone");
  if (kind === "group") return tag(name, "group");
  const user = kind === "connection" ? userOf(name) : null;
  if (user) return element("b", { title: name }, user);
  return element("span", {}, `${kind} `, element(kind === "connection" ? "code" : "b", {}, name));
}

const shownAsJson = ({ type, content }) => type === "json" || (type === "text" && isJson(content));

const whole = (message) => (shownAsJson(message) ? pretty(message.content) : message.content);

/** The beginning of a text, cut between characters. */
function beginning(message) {
  const text = shownAsJson(message) ? compact(message.content) : message.content;
  return [...text.slice(0, 2 * BEGINNING)].slice(0, BEGINNING).join("");
}

export function callRow(call) {
  return folded(
    { call: call.id },
    [
      moment(call.time, 3),
      element("b", {}, call.event),
      element("span", { className: "quiet" }, `of ${call.user ?? ANONYMOUS}`),
      tag(call.hub, "hub"),
      outcome(call),
      call.ended && call.attempt > 0 ? element("span", { className: "quiet" }, duration(call.milliseconds)) : null,
      call.attempt > 1 ? tag(`attempt ${call.attempt}`, "warning") : null,
    ],
    element("span", { className: "content" }, call.handler),
    [facts({ Handler: call.handler, Connection: call.connection, "ce-id": call.number, Attempt: call.attempt, Problem: call.error })],
  );
}

const duration = (milliseconds) => `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;

function outcome({ ended, status, error }) {
  if (!ended) return tag("under way", "busy");
  if (status === null) return tag(error, "bad");
  return tag(String(status), status < 300 ? "good" : "bad");
}

function folded(data, line, content, inside) {
  const summary = element("summary", {}, element("span", { className: "line" }, ...line.filter(Boolean)), content);
  return element("li", { data }, element("details", {}, summary, element("div", { className: "inside" }, ...inside)));
}

function facts(values) {
  const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (known.length === 0) return null;
  const pairs = known.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]);
  return element("dl", {}, ...pairs);
}
