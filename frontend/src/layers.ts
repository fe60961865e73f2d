/**
 * What lies over a screen (dialogs, menus, a search), as entries of the browser's history: Back closes the topmost and
 * the screen stays. Every layer is an entry more; an entry whose layer was closed otherwise is gone back from, so that
 * no Back does nothing. Must not know what the layers are, nor any address.
 */

/** The browser's history, in which every entry carries its depth: how many layers lie over its screen. */
export interface LayerHistory {
  depth(): number
  /** Adds an entry of this depth with the address that is there. */
  push(depth: number): void
  /** Ends, some time later, with a call of `moved`. */
  go(delta: number): void
}

export class Layers {
  private open: { close: () => void }[] = []
  private settlingSoon = false
  private navigating = false
  /** We go back ourselves. */
  private going = false

  /** @param soon runs something when all that one click does is done. */
  constructor(
    private readonly history: LayerHistory,
    private readonly soon: (run: () => void) => void,
  ) {
    // A page that was loaded again has no layers, but maybe the entry of one.
    this.settleSoon()
  }

  /** Something was opened; call the result when it is closed. */
  add(close: () => void): () => void {
    const layer = { close }
    this.open.push(layer)
    this.settleSoon()
    return () => {
      this.open = this.open.filter((other) => other !== layer)
      this.settleSoon()
    }
  }

  /** The browser has gone back or forward. */
  moved(): void {
    if (!this.going) for (const layer of this.open.splice(this.history.depth())) layer.close()
    this.going = false
    this.settleSoon()
  }

  /** A way to another screen begins or ends; meanwhile the history is left alone. */
  navigates(navigating: boolean): void {
    this.navigating = navigating
    this.settleSoon()
  }

  private settleSoon(): void {
    if (this.settlingSoon) return
    this.settlingSoon = true
    this.soon(() => this.settle())
  }

  private settle(): void {
    this.settlingSoon = false
    if (this.going || this.navigating) return
    const depth = this.history.depth()
    this.going = depth > this.open.length
    if (this.going) this.history.go(this.open.length - depth)
    for (let next = depth + 1; next <= this.open.length; next++) this.history.push(next)
  }
}
