/**
 * One's own messages that the history did not have when the page ended, kept in the browser for the user who wrote them.
 * Bounded. Several tabs keep theirs in one place.
 */
import { plainEntries, type ChatMessage, type Conversation, type Entry } from '../state/conversation'
import { fieldsOf, numberOf, textOf, textsOf, valueInJson } from '../wire/json'
import type { DraftStorage } from './drafts'

export interface UnsentMessage {
  chatId: string
  id: string
  text: string
  replyTo?: string
  mentions?: string[]
  /** When it was written, in milliseconds. */
  time: number
  /** The user was told that it was not sent. */
  failed: boolean
}

const storageKey = 'chatr.unsent'
const mostKept = 50

const isUnsent = (entry: Entry): entry is ChatMessage => entry.kind === 'message' && !entry.sent.saved

export class UnsentMessages {
  /** Those of this page, sent meanwhile or not; others are another tab's. */
  private readonly mine = new Set<string>()

  constructor(
    private readonly userId: string,
    private readonly storage: DraftStorage,
  ) {}

  /** What an earlier page has left; from now on this page sees to it. */
  take(): UnsentMessage[] {
    const left = this.read()
    for (const { id } of left) this.mine.add(id)
    this.write([])
    return left
  }

  keep(conversations: ReadonlyMap<string, Conversation>): void {
    const unsent = [...conversations].flatMap(([chatId, conversation]) =>
      plainEntries(conversation)
        .filter(isUnsent)
        .map(({ id, text, replyTo, mentions, time, sent: { failed } }) => {
          return { chatId, id, text, replyTo, mentions, time, failed }
        }),
    )
    for (const { id } of unsent) this.mine.add(id)
    const others = this.read().filter(({ id }) => !this.mine.has(id))
    this.write([...others, ...unsent].slice(-mostKept))
  }

  private read(): UnsentMessage[] {
    try {
      const fields = fieldsOf(valueInJson(this.storage.getItem(storageKey) ?? ''))
      if (fields?.userId !== this.userId || !Array.isArray(fields.messages)) return []
      return fields.messages.map(readUnsent).filter((message) => message !== null)
    } catch {
      return []
    }
  }

  private write(messages: readonly UnsentMessage[]): void {
    try {
      if (messages.length === 0) this.storage.removeItem(storageKey)
      else this.storage.setItem(storageKey, JSON.stringify({ userId: this.userId, messages }))
    } catch {
      // A full or forbidden storage costs only that they do not outlive the page.
    }
  }
}

function readUnsent(value: unknown): UnsentMessage | null {
  const fields = fieldsOf(value)
  const [chatId, id, text] = [textOf(fields?.chatId), textOf(fields?.id), textOf(fields?.text)]
  const time = numberOf(fields?.time)
  if (chatId === null || id === null || text === null || time === null) return null
  const mentions = textsOf(fields?.mentions)
  return {
    chatId,
    id,
    text,
    replyTo: textOf(fields?.replyTo) ?? undefined,
    mentions: mentions.length > 0 ? mentions : undefined,
    time,
    failed: fields?.failed === true,
  }
}
