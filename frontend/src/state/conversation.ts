/**
 * The messages of one chat: what was loaded, what arrived live and what was sent from here, merged without duplicates
 * and kept in one order. Plain functions over a plain state; times are milliseconds of the backend's clock.
 */
import { toRaw } from 'vue'
import type { Reactions, StoredMessage } from '../wire/model'

export interface SentState {
  /** The group has it: those who are here see it. */
  delivered: boolean
  /** The history has it. */
  saved: boolean
  failed: boolean
  /** Why it was refused, in words for the user; empty when there was no answer. */
  reason: string
}

export interface ChatMessage {
  kind: 'message'
  id: string
  text: string
  authorId: string
  /** Their name as the history knew it; empty when only the directory can tell. */
  authorName: string
  time: number
  /** True once the history has told of it. */
  stored: boolean
  sent: SentState
  replyTo?: string
  /** The ids of those it mentions. */
  mentions?: string[]
  /** When its text was changed last; undefined while it is the first one. */
  editedAt?: number
  reactions: Reactions
}

export interface SystemLine {
  kind: 'system'
  id: string
  what: 'joined' | 'left' | 'removed'
  userName: string
  time: number
}

export type Entry = ChatMessage | SystemLine

export interface Conversation {
  entries: Entry[]
  /** False until the newest page was loaded once. */
  loaded: boolean
  /** True when nothing older exists. */
  complete: boolean
  /** What is being fetched, or that the last fetch failed. */
  fetching: 'nothing' | 'newest' | 'older' | 'failed'
  /** Ids of messages that were deleted since; their authors' pages may send them once more. */
  deleted: Set<string>
}

export type Status = 'sending' | 'delivered' | 'saved' | 'failed'

/** Saving takes well under a second; one's own message keeps its place unless it took longer than this. */
const savedLateAfterMs = 3_000

const arrived: SentState = { delivered: true, saved: true, failed: false, reason: '' }

export const emptyConversation = (): Conversation => ({
  entries: [],
  loaded: false,
  complete: false,
  fetching: 'nothing',
  deleted: new Set(),
})

export function statusOf({ sent }: ChatMessage): Status {
  if (sent.saved) return 'saved'
  if (sent.failed) return 'failed'
  return sent.delivered ? 'delivered' : 'sending'
}

/**
 * The entries for looking through thousands of them: whoever does is told when entries come, go or change places, not
 * when one changes in itself.
 */
export function plainEntries({ entries }: Conversation): readonly Entry[] {
  return entries.length === 0 ? [] : toRaw(entries)
}

export function messageIn(conversation: Conversation, id: string): ChatMessage | undefined {
  const place = plainEntries(conversation).findLastIndex((entry) => entry.id === id)
  const entry = conversation.entries[place]
  return entry?.kind === 'message' ? entry : undefined
}

/** Never earlier than what already stands there, however the clocks differ. */
function timeAtEnd(conversation: Conversation, now: number): number {
  return Math.max(now, conversation.entries.at(-1)?.time ?? -Infinity)
}

interface NewMessage {
  id: string
  text: string
  authorId: string
  replyTo?: string
  mentions?: string[]
}

/** Adds what a member sent just now; false when it is here already. */
export function addArrived(conversation: Conversation, message: NewMessage, now: number): boolean {
  if (messageIn(conversation, message.id) || conversation.deleted.has(message.id)) return false
  const time = timeAtEnd(conversation, now)
  conversation.entries.push({
    ...message,
    kind: 'message',
    authorName: '',
    time,
    stored: false,
    sent: { ...arrived },
    reactions: new Map(),
  })
  return true
}

/** Adds one's own message before anybody has confirmed it. */
export function addOwn(conversation: Conversation, message: NewMessage, now: number): void {
  const time = timeAtEnd(conversation, now)
  const sent = { delivered: false, saved: false, failed: false, reason: '' }
  const own = { kind: 'message', authorName: '', time, stored: false, sent, reactions: new Map() } as const
  conversation.entries.push({ ...message, ...own })
}

/** The history has one's own message. One that had to wait stands there where it was saved, not where it was written. */
export function noteSaved(conversation: Conversation, message: ChatMessage, now: number): void {
  message.sent.saved = true
  message.stored = true
  if (now - message.time < savedLateAfterMs) return
  message.time = timeAtEnd(conversation, now)
  conversation.entries = inOrder(plainEntries(conversation))
}

export function addSystemLine(
  conversation: Conversation,
  line: Pick<SystemLine, 'what' | 'userName'>,
  now: number,
): void {
  const time = timeAtEnd(conversation, now)
  const id = `${line.what}-${conversation.entries.length}-${time}`
  conversation.entries.push({ ...line, kind: 'system', id, time })
}

function fromHistory(message: StoredMessage): ChatMessage {
  return {
    kind: 'message',
    id: message.id,
    text: message.message,
    authorId: message.fromUserId,
    authorName: message.fromUserName,
    time: message.time,
    stored: true,
    sent: { ...arrived },
    replyTo: message.replyTo,
    mentions: message.mentions,
    editedAt: message.editedAt,
    reactions: new Map(message.reactions),
  }
}

/**
 * Merges a page of the history: what is here already takes the stored form, what is missing finds its place.
 * Returns those that were missing.
 */
export function mergeHistory(conversation: Conversation, page: readonly StoredMessage[]): ChatMessage[] {
  const fresh = new Map(page.map((message) => [message.id, fromHistory(message)]))
  const merged = plainEntries(conversation).map((entry) => {
    const stored = fresh.get(entry.id)
    if (stored === undefined || entry.kind !== 'message') return entry
    fresh.delete(entry.id)
    return stored
  })
  // Loaded messages go before present ones of the same time: what stands at the end arrived last.
  const missing = [...fresh.values()]
  conversation.entries = inOrder([...missing, ...merged])
  return missing
}

const inOrder = (entries: readonly Entry[]): Entry[] => [...entries].sort((a, b) => a.time - b.time)

export function oldestStoredId(conversation: Conversation): string | undefined {
  return plainEntries(conversation).find((entry) => entry.kind === 'message' && entry.stored)?.id
}

/** One's own newest message that the history has. */
export function lastOwn(conversation: Conversation, myId: string): ChatMessage | undefined {
  return conversation.entries.findLast(
    (entry): entry is ChatMessage => entry.kind === 'message' && entry.authorId === myId && entry.sent.saved,
  )
}

/** The newest message that the history has, or is about to have. */
export function newestSaved(conversation: Conversation): ChatMessage | undefined {
  return conversation.entries.findLast(
    (entry): entry is ChatMessage => entry.kind === 'message' && entry.sent.saved,
  )
}

/**
 * Lets go of what the history does not have any more, and of what is older than `newest`, the newest messages it had at
 * `askedAt` (oldest first, without a gap). What is not saved yet stays, and what came behind them.
 */
export function keepOnly(
  conversation: Conversation,
  newest: readonly StoredMessage[],
  askedAt: number,
): void {
  const ids = new Set(newest.map(({ id }) => id))
  const from = newest[0]?.time ?? askedAt
  const to = Math.max(newest.at(-1)?.time ?? -Infinity, askedAt - savedLateAfterMs)
  conversation.entries = plainEntries(conversation).filter((entry) => {
    if (entry.kind === 'system') return entry.time >= from
    return !entry.sent.saved || ids.has(entry.id) || entry.time > to
  })
}

/** Forgets everything but what was sent from here and is not saved: the history begins anew. */
export function startAnew(conversation: Conversation): void {
  conversation.entries = conversation.entries.filter((entry) => entry.kind === 'message' && !entry.sent.saved)
  conversation.loaded = false
  conversation.complete = false
}
