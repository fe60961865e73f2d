// A list of rows with keys, which are updated one by one, so that focus, scroll position and open details stay.

export class KeyedList {
  #list;
  #keyOf;
  #render;
  #items = new Map();

  constructor(list, keyOf, render) {
    this.#list = list;
    this.#keyOf = keyOf;
    this.#render = render;
  }

  get size() {
    return this.#items.size;
  }

  /** Adds or updates rows, newest on top. `rows` are oldest first; of several with one key the last counts. */
  set(rows) {
    const fresh = [];
    for (const [key, row] of new Map(rows.map((row) => [this.#keyOf(row), row]))) {
      const before = this.#items.get(key);
      const item = this.#render(row);
      this.#items.set(key, item);
      if (before === undefined) fresh.unshift(item);
      else replace(before, item);
    }
    this.#list.prepend(...fresh);
  }

  remove(keys) {
    for (const key of keys) {
      this.#items.get(key)?.remove();
      this.#items.delete(key);
    }
  }

  clear() {
    this.#items.clear();
    this.#list.replaceChildren();
  }

  /** Keeps only the newest rows; keys must be in order. */
  keep(most) {
    for (const key of this.#items.keys()) {
      if (this.#items.size <= most) return;
      this.remove([key]);
    }
  }

  /** Hides the rows that do not match. */
  filter(fits) {
    for (const item of this.#items.values()) item.hidden = !fits(item);
  }
}

function replace(before, item) {
  const open = before.querySelector("details")?.open;
  const focused = [...before.querySelectorAll("button, summary")].indexOf(document.activeElement);
  before.replaceWith(item);
  const details = item.querySelector("details");
  if (open && details) details.open = true;
  if (focused >= 0) item.querySelectorAll("button, summary")[focused]?.focus();
}
