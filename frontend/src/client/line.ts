/** Whether something can be sent now, and a way to wait until it can. */
import type { Clock } from '../clock'

export class Line {
  private waiting: (() => void)[] = []
  private since = 0

  constructor(
    private readonly isOnline: () => boolean,
    private readonly clock: Clock,
  ) {}

  /** The connection is there, or there again. */
  opened(): void {
    this.since = this.clock.now()
    const waiting = this.waiting
    this.waiting = []
    for (const goOn of waiting) goOn()
  }

  /** Resolves as soon as there is a connection. */
  open(): Promise<void> {
    if (this.isOnline()) return Promise.resolve()
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  /** For how long (ms) somebody who waits since then could have been answered. */
  openSince(then: number): number {
    return this.isOnline() ? this.clock.now() - Math.max(then, this.since) : 0
  }
}
