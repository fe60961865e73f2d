/**
 * Where one was on the screens of the browser's history, while the page lives: whoever comes back to an entry goes on
 * there, whoever comes to the same address anew begins anew. Must not know what a place is.
 */

export class Places {
  private readonly kept = new Map<unknown, unknown>()
  private at: unknown

  /** @param entry tells the browser's entries of a page's history apart. */
  constructor(private readonly entry: () => unknown) {
    this.at = entry()
  }

  /** Another screen, or the same one with something else asked of it, is shown now. */
  arrived(byHistory: boolean): void {
    this.at = this.entry()
    // The entry that had this number is gone.
    if (!byHistory) this.kept.delete(this.at)
  }

  /** @param place is undefined where one would begin anyway. */
  keep(place: unknown): void {
    if (place === undefined) this.kept.delete(this.at)
    else this.kept.set(this.at, place)
  }

  /** The place that was kept for what is shown now, if any. */
  here(): unknown {
    return this.kept.get(this.at)
  }
}
