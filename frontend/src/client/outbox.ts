/**
 * Sends one's own messages, each two ways at once: to the group of its chat, so that everybody who is here sees it
 * without a detour, and as an event to the backend, so that it becomes history. Both carry the same id, which every
 * further try reuses; so nothing is shown or stored twice. In a moderated chat there is the second way only.
 */
import type { Clock } from '../clock'
import { SendError } from '../connection/socket'
import { RefusedError } from '../connection/requests'
import { addOwn, messageIn, type ChatMessage } from '../state/conversation'
import { texts } from '../texts'
import type { Commands, GroupPayload } from '../wire/events'
import type { Me } from '../wire/model'
import type { Conversations } from './conversations'
import type { UnsentMessage } from './unsentMessages'
import { AuthoredIds } from '../ids'

/** What a message refers to: the id of the one it answers, and the ids of those it mentions. */
export interface Reference {
  replyTo?: string
  mentions?: string[]
}

export interface Sending {
  save(data: Commands['saveMessage']): Promise<void>
  edit(data: Commands['editMessage']): Promise<void>
  sendToGroup(chatId: string, data: GroupPayload): Promise<void>
}

/** A message that cannot be sent for so long is marked as failed and waits for the user. */
const giveUpAfterMs = 30_000
const tryAgainAfterMs = 1_000
/** What was written longer ago may not be meant any more: the user decides. */
const resumeWithinMs = 5 * 60_000
/** Acks come within a second or two; without one for this long the connection is dead and another try is due. */
const ackWithinMs = 15_000

/** How long (ms) to wait before another try; null when none can help. */
function pauseBeforeRetry(error: unknown): number | null {
  if (error instanceof SendError && !error.refused) return tryAgainAfterMs
  if (error instanceof RefusedError && error.retryAfter !== undefined) return error.retryAfter * 1_000
  return null
}

export class Outbox {
  /** By chat, the delivery that the next message waits for: one's messages keep the order in which they were written. */
  private readonly turns = new Map<string, Promise<void>>()
  private readonly ids: AuthoredIds

  constructor(
    private readonly me: Me,
    private readonly conversations: Conversations,
    private readonly sending: Sending,
    private readonly clock: Clock,
    private readonly serverNow: () => number,
    private readonly isModerated: (chatId: string) => boolean,
  ) {
    this.ids = new AuthoredIds(me.userId)
  }

  /** Shows the message at once and sends it. */
  async send(chatId: string, text: string, about: Reference): Promise<void> {
    const id = this.ids.next()
    const conversation = this.conversations.of(chatId)
    // What is deleted is not answered any more; the composer shows so.
    const replyTo = conversation.deleted.has(about.replyTo ?? '') ? undefined : about.replyTo
    addOwn(conversation, { ...about, replyTo, id, text, authorId: this.me.userId }, this.serverNow())
    await this.inTurn(chatId, id)
  }

  /** Shows what an earlier page has left unsent, and sends it unless that failed there or is long ago. */
  async resume({ chatId, failed, changed, time, ...message }: UnsentMessage): Promise<void> {
    const conversation = this.conversations.of(chatId)
    const now = this.serverNow()
    addOwn(conversation, { ...message, authorId: this.me.userId }, now)
    const own = messageIn(conversation, message.id)
    if (own) Object.assign(own.sent, { changed, tried: true })
    if (own && (failed || now - time > resumeWithinMs)) own.sent.failed = true
    else await this.inTurn(chatId, message.id)
  }

  /** The user does not want this failed message any more. */
  discard(chatId: string, id: string): void {
    const conversation = this.conversations.of(chatId)
    conversation.entries = conversation.entries.filter((entry) => entry.id !== id)
  }

  /** Sends a failed message again, under its own id. */
  async retry(chatId: string, id: string): Promise<void> {
    await this.inTurn(chatId, id)
  }

  /**
   * Gives a message that is not kept yet other words; false when it is kept, or not here. Who has not heard of it hears
   * only these; where it was on its way already, it is changed once it is kept. One that failed is sent again.
   */
  change(chatId: string, id: string, text: string, mentions: string[]): boolean {
    const message = messageIn(this.conversations.of(chatId), id)
    if (message === undefined || message.sent.saved) return false
    Object.assign(message, { text, mentions: mentions.length > 0 ? mentions : undefined })
    const { sent } = message
    sent.changed = sent.tried === true
    if (!sent.failed) return true
    // Others may have it with its first words: it is never a change to the history, which has only these.
    sent.delivered = false
    void this.retry(chatId, id)
    return true
  }

  private async inTurn(chatId: string, id: string): Promise<void> {
    const deadline = this.clock.now() + giveUpAfterMs
    const before = this.turns.get(chatId) ?? Promise.resolve()
    const turn = before.then(() => this.deliver(chatId, id, deadline))
    this.turns.set(chatId, turn)
    await turn
    if (this.turns.get(chatId) === turn) this.turns.delete(chatId)
  }

  private async deliver(chatId: string, id: string, deadline: number): Promise<void> {
    const message = messageIn(this.conversations.of(chatId), id)
    if (message === undefined || message.sent.saved) return
    Object.assign(message.sent, { failed: false, reason: '' })
    await Promise.all([this.toGroup(chatId, message, deadline), this.toHistory(chatId, message, deadline)])
  }

  private async toGroup(chatId: string, message: ChatMessage, deadline: number): Promise<void> {
    const { sent } = message
    if (sent.delivered || this.isModerated(chatId)) return
    const { userId: fromUserId, userName: fromUserName } = this.me
    const payload = (): GroupPayload => {
      const { id, text, replyTo, mentions } = message
      return { id, message: text, fromUserId, fromUserName, replyTo, mentions }
    }
    try {
      await this.untilSent(() => this.sending.sendToGroup(chatId, payload()), deadline)
      sent.delivered = true
    } catch {
      // Whether the message counts is the history's to say: it fails, or succeeds, there.
    }
  }

  private async toHistory(chatId: string, message: ChatMessage, deadline: number): Promise<void> {
    const { sent } = message
    try {
      await this.untilSent(() => this.kept(chatId, message), deadline)
      // Where it is moderated, the backend has shown it to all before it says so.
      if (this.isModerated(chatId)) sent.delivered = true
      sent.saved = true
    } catch (error) {
      sent.failed = true
      sent.reason = error instanceof RefusedError ? texts.refused(error.code) : ''
    }
  }

  private async kept(chatId: string, message: ChatMessage): Promise<void> {
    const { id, replyTo, sent } = message
    sent.tried = true
    await this.sending.save({ chatId, id, message: message.text, replyTo, mentions: message.mentions })
    while (sent.changed === true) {
      sent.changed = false
      try {
        await this.sending.edit({ chatId, id, message: message.text, mentions: message.mentions ?? [] })
      } catch (error) {
        sent.changed = true
        throw error
      }
    }
  }

  /** Tries again as long as that can help; rejects when told no, or when it takes too long. */
  private async untilSent(send: () => Promise<void>, deadline: number): Promise<void> {
    for (;;) {
      try {
        await this.withinTime(send)
        return
      } catch (error) {
        const pause = pauseBeforeRetry(error)
        if (pause === null || this.clock.now() >= deadline) throw error
        await new Promise<void>((resolve) => this.clock.after(pause, resolve))
      }
    }
  }

  private withinTime(send: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(ackWithinMs, () =>
        reject(new SendError(false, 'No answer came in time.')),
      )
      send().then(resolve, reject).finally(cancel)
    })
  }
}
