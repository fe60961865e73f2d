// The page: shows the events of the stream in the lists, and connects the buttons to actions.

import { sendDialog, urlDialog } from "./dialogs.js";
import { byId, element, plural, toast } from "./dom.js";
import { KeyedList } from "./list.js";
import { act, live } from "./live.js";
import { callRow, connectionRow, groupRow, hubRow, messageRow } from "./rows.js";

const KEPT = 300;
const FIND_PAUSE = 250;
const STATES = { connecting: "Connecting", live: "Live", lost: "Connection lost, retrying" };

const hubs = new Map();
const connections = new Map();
const groups = new Map();
const groupKey = ({ hub, name }) => `${hub} ${name}`;
let totals = { connections: 0, groups: 0 };
let missed = { messages: 0, calls: 0 };
let mayAct = false;
let paused = null;
let run = null;
// A reopened stream repeats the latest entries. Those that were cleared stay hidden.
let last = { messages: 0, calls: 0 };
let cleared = { messages: 0, calls: 0 };

const dialogs = { send: sendDialog(candidates), url: urlDialog() };
const lists = {
  hubs: new KeyedList(byId("hubs"), (row) => row.name, hubRow),
  connections: new KeyedList(byId("connections"), (row) => row.id, (row) =>
    connectionRow(row, { mayAct, close, send: ({ hub, id }) => dialogs.send.open(hub, "connection", id) }),
  ),
  groups: new KeyedList(byId("groups"), groupKey, (row) =>
    groupRow(row, { mayAct, send: ({ hub, name }) => dialogs.send.open(hub, "group", name) }),
  ),
  messages: new KeyedList(byId("messages"), (row) => row.id, (row) => messageRow(row, (id) => connections.get(id)?.user)),
  calls: new KeyedList(byId("calls"), (row) => row.id, callRow),
};

const stream = live(told, (state) => {
  byId("status").dataset.state = state;
  byId("status").textContent = STATES[state];
});

function told(news) {
  if (news.first) begin(news);
  if (news.hubs) showHubs(news.hubs);
  if (news.connections) apply("connections", connections, (row) => row.id, news.connections);
  if (news.groups) {
    const gone = news.groups.gone.map(([hub, name]) => groupKey({ hub, name }));
    apply("groups", groups, groupKey, { ...news.groups, gone });
  }
  for (const kind of ["messages", "calls"]) if (news[kind]) happened(kind, news[kind]);
  showCounts();
}

/** The first event replaces hubs, connections and groups. Messages and calls stay, unless the stand-in was restarted. */
function begin({ run: told, may_act }) {
  mayAct = may_act;
  byId("open-send").hidden = byId("open-url").hidden = !may_act;
  byId("look-only").hidden = may_act;
  if (told !== run) for (const kind of ["messages", "calls"]) empty(kind, 0);
  run = told;
  for (const kept of [connections, groups]) kept.clear();
  for (const list of [lists.connections, lists.groups]) list.clear();
  totals = { connections: 0, groups: 0 };
}

function showHubs(rows) {
  hubs.clear();
  for (const row of rows) hubs.set(row.name, row);
  lists.hubs.clear();
  lists.hubs.set(rows.toReversed());
  const select = byId("hub");
  const chosen = select.value;
  const names = new Set([...hubs.keys(), ...(chosen ? [chosen] : [])]);
  select.replaceChildren(new Option("All hubs", ""), ...[...names].map((name) => new Option(name, name)));
  select.value = chosen;
  nameHubs();
  byId("hub-names").replaceChildren(...[...hubs.keys()].map((value) => element("option", { value })));
}

/** Rows name their hub only if there are several. */
function nameHubs() {
  document.body.classList.toggle("one-hub", hubs.size < 2 || byId("hub").value !== "");
}

/** The newest are first in the events. */
function apply(kind, rows, keyOf, { set, gone, total }) {
  for (const key of gone) rows.delete(key);
  for (const row of set) rows.set(keyOf(row), row);
  lists[kind].remove(gone);
  lists[kind].set(set.toReversed());
  totals[kind] = total;
}

function happened(kind, { set = [], missed: passed }) {
  missed[kind] += passed;
  if (kind === "messages" && paused) {
    paused.push(...set.filter((row) => row.id > last.messages));
    paused.splice(0, paused.length - KEPT);
  } else {
    lists[kind].set(set.filter((row) => row.id > cleared[kind]));
    lists[kind].keep(KEPT);
    if (byId("find").value || byId("hub").value) search();
  }
  for (const row of set) last[kind] = Math.max(last[kind], row.id);
}

function empty(kind, number = last[kind]) {
  cleared[kind] = last[kind] = number;
  missed[kind] = 0;
  lists[kind].clear();
  if (kind === "messages" && paused) paused = [];
}

function search() {
  const find = byId("find").value.toLowerCase();
  const hub = byId("hub").value;
  const fits = (item) =>
    item.textContent.toLowerCase().includes(find) && (!hub || item.querySelector(".tag.hub").textContent === hub);
  for (const kind of ["messages", "calls"]) lists[kind].filter(fits);
}

function showCounts() {
  for (const kind of ["connections", "groups"]) {
    const shown = lists[kind].size;
    const total = totals[kind];
    byId(`${kind}-count`).textContent = shown < total ? `newest ${shown} of ${total.toLocaleString()}` : String(total);
  }
  for (const kind of ["messages", "calls"]) {
    byId(`${kind}-count`).textContent = missed[kind] ? `${missed[kind].toLocaleString()} more were too many to show` : "";
  }
  byId("pause").textContent = paused?.length ? `Resume (${plural(paused.length, "new", "new")})` : paused ? "Resume" : "Pause";
}

function candidates(kind, hub) {
  const there = [...connections.values()].filter((row) => row.hub === hub);
  if (kind === "group") return [...groups.values()].filter((row) => row.hub === hub).map((row) => row.name);
  if (kind === "connection") return there.map((row) => row.id);
  return kind === "user" ? [...new Set(there.map((row) => row.user).filter((user) => user !== null))] : [];
}

async function close({ hub, id, user }) {
  try {
    await act("close", { hub, connection: id });
    toast(`Closed ${user ?? "anonymous"}, ${id}.`);
  } catch (error) {
    toast(error.message);
  }
}

function chosenHub() {
  return byId("hub").value || [...hubs.keys()][0] || "";
}

let findTimer;

function look() {
  nameHubs();
  stream.open(byId("hub").value, byId("find").value);
  search();
}

byId("hub").onchange = look;
byId("find").oninput = () => {
  clearTimeout(findTimer);
  findTimer = setTimeout(look, FIND_PAUSE);
};
byId("open-send").onclick = () => dialogs.send.open(chosenHub());
byId("open-url").onclick = () => dialogs.url.open(chosenHub());
byId("pause").onclick = () => {
  const kept = paused;
  paused = kept ? null : [];
  byId("pause").setAttribute("aria-pressed", String(!kept));
  if (kept) happened("messages", { set: kept, missed: 0 });
  showCounts();
};
for (const kind of ["messages", "calls"]) {
  byId(`clear-${kind}`).onclick = () => {
    empty(kind);
    showCounts();
  };
}
look();
