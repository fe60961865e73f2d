/**
 * Sends one's own messages, each two ways at once: to the group of its chat, so that everybody who is here sees it
 * without a detour, and as an event to the backend, so that it becomes history. Both carry the same id, which every
 * further try reuses; so nothing is shown or stored twice. In a moderated chat there is the second way only.
 *
 * Without a connection a message waits, however long that takes. It fails when it is refused, or when there is a
 * connection and no answer.
 */
import type { Clock } from '../clock'
import { SendError } from '../connection/socket'
import { RefusedError } from '../connection/requests'
import { messageIn, type ChatMessage, type SentState } from '../state/conversation'
import { addOwn } from '../state/merging'
import { doubtWithinMs } from '../state/order'
import { texts } from '../texts'
import type { Commands, GroupPayload } from '../wire/events'
import type { Chat, Me } from '../wire/model'
import type { Conversations } from './conversations'
import type { Line } from './line'
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

/** What the outbox tells the page. */
export interface OutboxListener {
  /** Which messages are not sent yet has changed. */
  changed(): void
  /** This one cannot be sent any more: one is not in its chat, or there is none. */
  nowhere(text: string): void
}

/** A message that was not answered for so long, though there is a connection, is marked as failed and waits for the user. */
const giveUpAfterMs = 30_000
const tryAgainAfterMs = 1_000
/** Acks come within a second or two; without one for this long the connection is dead and another try is due. */
const ackWithinMs = 15_000
/** If saving took longer than this, others have dropped or misplaced the message, so it is sent to the group again. */
const showAgainAfterMs = doubtWithinMs / 2

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
  /** By id, when (ms) a message was shown that is not kept yet. */
  private readonly shownAt = new Map<string, number>()
  private answeredAt = 0
  private writtenAt = 0

  constructor(
    private readonly me: Me,
    private readonly conversations: Conversations,
    private readonly sending: Sending,
    private readonly line: Line,
    private readonly clock: Clock,
    private readonly serverNow: () => number,
    private readonly chatOf: (chatId: string) => Chat | undefined,
    private readonly listener: OutboxListener,
  ) {
    this.ids = new AuthoredIds(me.userId)
  }

  /** Shows the message at once and sends it. */
  async send(chatId: string, text: string, about: Reference): Promise<void> {
    const id = this.ids.next()
    const conversation = this.conversations.of(chatId)
    // What is deleted is not answered any more; the composer shows so.
    const replyTo = conversation.deleted.has(about.replyTo ?? '') ? undefined : about.replyTo
    // Later than the one before, so that another page knows their order.
    this.writtenAt = Math.max(this.serverNow(), this.writtenAt + 1)
    addOwn(conversation, { ...about, replyTo, id, text, authorId: this.me.userId }, this.writtenAt)
    this.listener.changed()
    await this.inTurn(chatId, id)
  }

  /** Shows what another page has left unsent, and sends it unless that failed there. */
  async resume({ chatId, failed, changed, time, ...message }: UnsentMessage): Promise<void> {
    const conversation = this.conversations.of(chatId)
    if (messageIn(conversation, message.id)) return
    addOwn(conversation, { ...message, authorId: this.me.userId }, time)
    this.note(chatId, message.id, { changed, tried: true, failed })
    if (failed) return
    await this.inTurn(chatId, message.id)
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
    this.listener.changed()
    const { sent } = message
    sent.changed = sent.tried === true
    if (!sent.failed) return true
    // Others may have it with its first words: it is never a change to the history, which has only these.
    sent.delivered = false
    void this.retry(chatId, id)
    return true
  }

  private async inTurn(chatId: string, id: string): Promise<void> {
    const since = this.clock.now()
    const before = this.turns.get(chatId) ?? Promise.resolve()
    const turn = before.then(() => this.deliver(chatId, id, since))
    this.turns.set(chatId, turn)
    await turn
    if (this.turns.get(chatId) === turn) this.turns.delete(chatId)
    this.listener.changed()
  }

  private async deliver(chatId: string, id: string, since: number): Promise<void> {
    const message = messageIn(this.conversations.of(chatId), id)
    if (message === undefined || message.sent.saved) return
    Object.assign(message.sent, { failed: false, reason: '' })
    await Promise.all([this.toGroup(chatId, message, since), this.toHistory(chatId, message, since)])
  }

  private async toGroup(chatId: string, message: ChatMessage, since: number): Promise<void> {
    if (message.sent.delivered || this.isModerated(chatId)) return
    try {
      await this.untilSent(() => this.show(chatId, message), since)
      this.shownAt.set(message.id, this.clock.now())
      this.note(chatId, message.id, { delivered: true })
    } catch {
      // Only the save decides whether the message failed.
    }
  }

  private show(chatId: string, { id, text, replyTo, mentions }: ChatMessage): Promise<void> {
    const { userId, userName } = this.me
    const from = { fromUserId: userId, fromUserName: userName }
    return this.sending.sendToGroup(chatId, { id, message: text, ...from, replyTo, mentions })
  }

  private async toHistory(chatId: string, message: ChatMessage, since: number): Promise<void> {
    const { id } = message
    try {
      await this.untilSent(() => this.kept(chatId, message), since)
      // A history that was read before that need not have it, however long ago it was written.
      if (!message.stored) message.heardAt = this.serverNow()
      // Where it is moderated, the backend has shown it to all before it says so.
      this.note(chatId, id, this.isModerated(chatId) ? { saved: true, delivered: true } : { saved: true })
      this.showAgain(chatId, message)
    } catch (error) {
      const reason = error instanceof RefusedError ? texts.refused(error.code) : ''
      const unanswered = error instanceof SendError && !error.refused
      this.note(chatId, id, { failed: true, reason: unanswered ? texts.chat.unanswered : reason })
      if (error instanceof RefusedError) this.noteNowhere(chatId, message, error.code)
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

  private showAgain(chatId: string, message: ChatMessage): void {
    const shownAt = this.shownAt.get(message.id)
    this.shownAt.delete(message.id)
    if (shownAt === undefined || this.clock.now() - shownAt < showAgainAfterMs) return
    // Whoever misses it finds it in the history.
    this.show(chatId, message).catch(() => undefined)
  }

  /** What cannot be seen where it was written is told elsewhere. */
  private noteNowhere(chatId: string, { id, text }: ChatMessage, code: string): void {
    if (messageIn(this.conversations.of(chatId), id) === undefined) return
    const outside = code === 'NotAMember' && this.chatOf(chatId)?.members.has(this.me.userId) !== true
    if (code !== 'ChatNotFound' && !outside) return
    if (code === 'ChatNotFound') this.discard(chatId, id)
    this.listener.nowhere(text)
  }

  /** The history may have told of it meanwhile, or the message be gone. */
  private note(chatId: string, id: string, sent: Partial<SentState>): void {
    const message = messageIn(this.conversations.of(chatId), id)
    if (message && !message.sent.saved) Object.assign(message.sent, sent)
  }

  private isModerated(chatId: string): boolean {
    return this.chatOf(chatId)?.moderated === true
  }

  /** Tries again as long as that can help; rejects when told no, or when nothing answers though there is a connection. */
  private async untilSent(send: () => Promise<void>, since: number): Promise<void> {
    for (;;) {
      await this.line.open()
      try {
        await this.withinTime(send)
        this.answeredAt = this.clock.now()
        return
      } catch (error) {
        const pause = pauseBeforeRetry(error)
        if (error instanceof RefusedError) this.answeredAt = this.clock.now()
        const unansweredMs = this.line.openSince(Math.max(since, this.answeredAt))
        if (pause === null || unansweredMs >= giveUpAfterMs) throw error
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
