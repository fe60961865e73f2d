/**
 * One's own messages that the history did not have when the page ended, kept in the browser for the user who wrote them.
 * Bounded. Several tabs keep theirs side by side.
 */
import type { BrowserStorage } from '../browser/browserStorage'
import { plainEntries, type ChatMessage, type Conversation, type Entry } from '../state/conversation'
import { fieldsOf, numberOf, textOf, textsOf, valueInJson } from '../wire/json'
import { draftsPrefix } from './drafts'

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
  /** Its words were changed after it was on its way. */
  changed: boolean
}

/** Each has its key: `chatr.unsent/<user id>/<message id>`. */
const unsentPrefix = 'chatr.unsent/'
/** All in one, as pages kept them until 2026. */
const oldKey = 'chatr.unsent'
/** Of everybody who uses this browser. */
const mostKept = 200

/** One's own messages in a chat that the history has not got, as far as this page knows. */
export const unsentIn = (conversation: Conversation | undefined): ChatMessage[] =>
  conversation ? plainEntries(conversation).filter(isUnsent) : []

const isUnsent = (entry: Entry): entry is ChatMessage => entry.kind === 'message' && !entry.sent.saved

export class UnsentMessages {
  private readonly prefix: string
  /** Those of this page, by id, as they are kept; others are another tab's. */
  private readonly mine = new Map<string, string>()
  private forgotten = false

  constructor(
    userId: string,
    private readonly storage: BrowserStorage,
  ) {
    this.prefix = prefixOf(userId)
    takeApart(storage)
  }

  /** Takes over an earlier page's unsent messages; they stay stored until they are sent. */
  take(): UnsentMessage[] {
    const left = this.storage.keys(this.prefix).map((key) => readUnsent(this.storage.read(key)))
    const messages = left.filter((message) => message !== null).sort((a, b) => a.time - b.time)
    for (const message of messages) this.mine.set(message.id, JSON.stringify(message))
    return messages
  }

  /** Keeps those of this page as they are now. */
  keep(conversations: ReadonlyMap<string, Conversation>): void {
    if (this.forgotten) return
    const unsent = [...conversations].flatMap(([chatId, conversation]) =>
      unsentIn(conversation).map(
        ({ id, text, replyTo, mentions, heardAt, sent: { failed, changed = false } }) => {
          return { chatId, id, text, replyTo, mentions, time: heardAt, failed, changed }
        },
      ),
    )
    const ids = new Set(unsent.map(({ id }) => id))
    for (const id of this.mine.keys()) if (!ids.has(id)) this.drop(id)
    for (const message of unsent) this.put(message)
    this.makeRoom()
  }

  /** How many there are, on this page and in other tabs. */
  count(conversations: ReadonlyMap<string, Conversation>): number {
    this.keep(conversations)
    const kept = this.storage.keys(this.prefix).map((key) => key.slice(this.prefix.length))
    return new Set([...this.mine.keys(), ...kept]).size
  }

  /** This message is sent, or not wanted any more. */
  drop(id: string): void {
    this.mine.delete(id)
    this.storage.discard(this.prefix + id)
  }

  /** None of this user's stays in this browser, and none comes. */
  forget(): void {
    this.forgotten = true
    for (const key of this.storage.keys(this.prefix)) this.storage.discard(key)
  }

  private put(message: UnsentMessage): void {
    const value = JSON.stringify(message)
    if (this.mine.get(message.id) === value) return
    this.mine.set(message.id, value)
    this.storage.keep(this.prefix + message.id, value, [draftsPrefix])
  }

  private makeRoom(): void {
    const keys = this.storage.keys(unsentPrefix)
    if (keys.length <= mostKept) return
    const written = new Map(keys.map((key) => [key, readUnsent(this.storage.read(key))?.time ?? 0]))
    const oldestFirst = keys.sort((a, b) => (written.get(a) ?? 0) - (written.get(b) ?? 0))
    for (const key of oldestFirst.slice(0, -mostKept)) this.storage.remove(key)
    this.storage.unkept.add('full')
  }
}

const prefixOf = (userId: string): string => `${unsentPrefix}${encodeURIComponent(userId)}/`

/** What was kept in one piece. */
function takeApart(storage: BrowserStorage): void {
  const old = storage.read(oldKey)
  if (old === null) return
  // First of all: the room is needed for its parts.
  storage.remove(oldKey)
  const fields = fieldsOf(valueInJson(old))
  const userId = textOf(fields?.userId)
  for (const value of Array.isArray(fields?.messages) ? (fields.messages as unknown[]) : []) {
    const message = unsentOf(value)
    if (userId === null || message === null) continue
    storage.keep(prefixOf(userId) + message.id, JSON.stringify(message), [draftsPrefix])
  }
}

const readUnsent = (value: string | null): UnsentMessage | null => unsentOf(valueInJson(value ?? ''))

function unsentOf(value: unknown): UnsentMessage | null {
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
    changed: fields?.changed === true,
  }
}
