// The stream of what happens: opened anew when the hub or the search changes, and by the browser when it was lost.

/** `told(news)` is called with each piece of news, `state(name)` with `connecting`, `live` or `lost`. */
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
        // A refusal ends an event source for good: the stand-in may have as many windows as it takes, or be starting.
        if (source.readyState === EventSource.CLOSED) setTimeout(() => this.open(hub, find), 2000);
      };
    },
  };
}

/** Asks the stand-in to do something; the answer, or an error whose message says what is wrong. */
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
