/**
 * What lies over a screen (dialogs, menus, a search), as entries of the browser's history: Back closes the topmost and
 * the screen stays. A layer that is closed otherwise leaves its entry, for the next one or for Back, which then goes
 * over it: to go back at once would call off whatever leads away in that moment. Must not know what the layers are, nor
 * any address.
 */

/** Where in the history we are. */
export interface Entry {
  /** Alike for the entries of one screen. */
  screen: unknown
  /** How many layers lie over the screen. */
  depth: number
}

export interface LayerHistory {
  entry(): Entry
  /** Adds an entry of this depth for the screen that is there. */
  push(depth: number): void
  go(delta: number): void
}

export class Layers {
  private open: { close: () => void }[] = []
  private entry: Entry

  constructor(private readonly history: LayerHistory) {
    this.entry = history.entry()
  }

  /** Something was opened; call the result when it is closed. */
  add(close: () => void): () => void {
    const layer = { close }
    this.open.push(layer)
    if (this.history.entry().depth < this.open.length) this.history.push(this.open.length)
    this.entry = this.history.entry()
    return () => {
      this.open = this.open.filter((other) => other !== layer)
    }
  }

  /** The browser has gone back or forward. */
  moved(): void {
    const { screen, depth } = this.entry
    this.entry = this.history.entry()
    const back = this.entry.screen === screen && this.entry.depth < depth
    const spent = depth - this.open.length
    if (back && spent > 0) this.history.go(-spent)
    for (const layer of this.open.splice(this.entry.depth)) layer.close()
  }
}
