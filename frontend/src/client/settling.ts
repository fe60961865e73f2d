/**
 * Says when the end of the open chat is read again. What people say at the same time arrives in one order and is kept
 * in another, and only the history tells: so, once it is quiet, and again until it has told of all that was said. Where
 * one person speaks, or a while lies between what two say, there is nothing to ask.
 */
import type { Clock } from '../clock'
import type { Conversation } from '../state/conversation'
import { awaitsPlaces, isInDoubt } from '../state/order'

const quietForMs = 2_000
/** Where it is never quiet. */
const atLatestAfterMs = 10_000
/** Until the history has everything; what it has not got after a minute is let go of (state/order.ts). */
const pausesMs = [3_000, 6_000, 12_000, 24_000, 30_000]

export class Settling {
  private cancel: (() => void) | null = null
  /** Since when there is a doubt that was not looked into (ms). */
  private since: number | null = null
  private looks = 0

  /** @param read reads the end of the open chat; never rejects. */
  constructor(
    private readonly opened: () => Conversation | undefined,
    private readonly read: () => Promise<void>,
    private readonly clock: Clock,
  ) {}

  /** Something has come to the open chat, or another one was opened. */
  look(): void {
    const conversation = this.opened()
    if (conversation === undefined || !isInDoubt(conversation)) return
    const now = this.clock.now()
    this.since ??= now
    this.looks = 0
    this.after(Math.min(quietForMs, this.since + atLatestAfterMs - now))
  }

  /** The end was read; what it did not tell of yet may be kept just now. */
  wasRead(): void {
    this.since = null
    const conversation = this.opened()
    if (conversation === undefined || !awaitsPlaces(conversation)) return
    this.after(pausesMs[Math.min(this.looks, pausesMs.length - 1)] ?? 0)
    this.looks += 1
  }

  private after(ms: number): void {
    this.cancel?.()
    this.cancel = this.clock.after(ms, () => {
      this.cancel = null
      void this.read().then(() => this.wasRead())
    })
  }
}
