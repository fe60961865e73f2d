// The event stream. It is reopened when the hub or the search changes, and by the browser when the connection is lost.

/** Calls `told(news)` for each event and `state(name)` with `connecting`, `live` or `lost`. */
export function live(told, state) {
  let source;
  return {
    open(hub, find) {
      source?.close();
      state("connecting");
      source = new EventSource(`/window/stream?${new URLSearchParams({ hub, find })}`);
      source.onmessage = (event) => {
        state("live");
        told(JSON.parse(event.data));
      };
      source.onerror = () => {
        state("lost");
        // An HTTP error ends an event source for good: too many windows are open, or the stand-in is starting.
        if (source.readyState === EventSource.CLOSED) setTimeout(() => this.open(hub, find), 2000);
      };
    },
  };
}

/** Runs an action; returns its answer or throws an error with a message for the user. */
export async function act(name, wanted) {
  const response = await fetch(`/window/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wanted),
  }).catch(() => null);
  if (response === null) throw new Error("The stand-in does not answer.");
  if (!response.ok) throw new Error((await response.text()).trim());
  return response.json();
}
