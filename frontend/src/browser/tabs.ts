/**
 * Which of the tabs of this browser tells of a message: one that is looked at, else any, and only one. They agree by
 * the browser's locks: every tab in sight holds one, and who tells takes that of the message.
 */
import type { Clock } from '../clock'

const inSight = 'chatr.in-sight'
/** By then every tab has heard of the message. */
const holdMs = 10_000

type Locks = Pick<LockManager, 'request' | 'query'>

export class Tabs {
  private leaveSight = (): void => undefined

  /** @param locks are missing where a page is not served securely; then, and where they are refused, each tab tells. */
  constructor(
    private readonly locks: Locks | undefined,
    private readonly clock: Clock,
  ) {}

  /** This tab has come into sight, or out of it. */
  see(visible: boolean): void {
    this.leaveSight()
    if (!visible) return
    const seen = new Promise<void>((resolve) => (this.leaveSight = resolve))
    this.locks?.request(inSight, { mode: 'shared' }, () => seen).catch(() => undefined)
  }

  /** Whether it is for this tab to tell of a message; ask once. */
  async tells(messageId: string, hidden: boolean): Promise<boolean> {
    const { locks } = this
    return locks === undefined || this.agreed(locks, messageId, hidden).catch(() => true)
  }

  private async agreed(locks: Locks, messageId: string, hidden: boolean): Promise<boolean> {
    if (hidden && (await locks.query()).held?.some(({ name }) => name === inSight)) return false
    return new Promise((answer, refuse) => {
      const take = (lock: Lock | null): Promise<void> | null => {
        answer(lock !== null)
        return lock && new Promise((resolve) => this.clock.after(holdMs, resolve))
      }
      locks.request(`chatr.news.${messageId}`, { ifAvailable: true }, take).catch(refuse)
    })
  }
}

export const locksOfBrowser = (): Locks | undefined => (navigator as Partial<Navigator>).locks
