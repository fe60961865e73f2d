// The two dialogs: sending a message, and making a client URL.

import { byId, element, moment, plural } from "./dom.js";
import { act } from "./live.js";

const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** `candidates(kind, hub)` returns the names to suggest for a group, a user or a connection. */
export function sendDialog(candidates) {
  const { dialog, form, fields, say } = dialogOf("send");
  const name = form.querySelector(".name");
  // A group's name may have several lines, but an input has one. An unchanged input means the original name.
  let opened = { name: "", shown: "" };

  function show() {
    const kind = fields.to.value;
    name.hidden = kind === "all";
    fields.name.required = kind !== "all";
    name.querySelector("span").textContent = { group: "Group", user: "User id", connection: "Connection id" }[kind] ?? "";
    const names = candidates(kind, fields.hub.value);
    byId("names").replaceChildren(...names.map((value) => element("option", { value })));
  }

  fields.to.onchange = show;
  fields.hub.onchange = show;
  onSubmit(form, say, async () => {
    const content = fields.content.value;
    const type = form.elements.type.value;
    if (type === "json") requireJson(content);
    const to = fields.name.value === opened.shown ? opened.name : fields.name.value;
    const wanted = { hub: fields.hub.value, to: fields.to.value, name: to, type, content };
    const { reached } = await act("send", wanted);
    return `Sent to ${plural(reached, "connection")}.`;
  });
  return {
    open(hub, to, of) {
      say("");
      fields.hub.value = hub;
      if (to) {
        fields.to.value = to;
        fields.name.value = of;
        opened = { name: of, shown: fields.name.value };
      }
      show();
      dialog.showModal();
      (to ? fields.content : fields.to).focus();
    },
  };
}

export function urlDialog() {
  const { dialog, form, fields, say } = dialogOf("url");
  const made = form.querySelector(".made");
  onSubmit(form, say, async () => {
    const ticked = [...form.querySelectorAll("[name=role]:checked")].map((box) => box.value);
    const { url, expires } = await act("client-url", {
      hub: fields.hub.value,
      user: fields.user.value,
      minutes: Number(fields.minutes.value),
      roles: [...ticked, ...lines(fields.roles.value)],
      groups: lines(fields.groups.value),
    });
    made.hidden = false;
    fields.url.value = url;
    const copied = await copy(url, fields.url);
    return element("span", {}, copied ? "Copied. " : "Copy it from the field. ", "It is valid until ", moment(expires), ".");
  });
  return {
    open(hub) {
      say("");
      made.hidden = true;
      fields.hub.value = hub;
      dialog.showModal();
    },
  };
}

async function copy(text, field) {
  field.select();
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers allow the clipboard only on loopback and https. Otherwise the text is selected.
    return false;
  }
}

function requireJson(text) {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${error.message}`);
  }
}

function dialogOf(id) {
  const dialog = byId(id);
  const form = dialog.querySelector("form");
  const outcome = form.querySelector(".outcome");
  dialog.querySelector("[value=cancel]").onclick = () => dialog.close();
  const say = (what, problem = false) => {
    outcome.replaceChildren(what);
    outcome.classList.toggle("problem", problem);
  };
  return { dialog, form, fields: form.elements, say };
}

function onSubmit(form, say, work) {
  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      say(await work());
    } catch (error) {
      say(error.message, true);
    }
  };
}
