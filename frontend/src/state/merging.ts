/**
 * What was loaded, what arrived live and what was sent from here becomes one conversation, without duplicates and in
 * one order. Plain functions over a plain state; times are milliseconds of the backend's clock.
 */
import type { StoredMessage } from '../wire/model'
import {
  messageIn,
  plainEntries,
  type ChatMessage,
  type Conversation,
  type SentState,
  type SystemLine,
} from './conversation'
import { inOrder, isHeard, keptWithinMs } from './order'

const arrived: SentState = { delivered: true, saved: true, failed: false, reason: '' }

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

/** A message of a member. Its place is known where the backend shows it. */
export interface ArrivedMessage extends NewMessage {
  place?: number
  liveOnly?: boolean
}

/** Adds what a member sent just now; false when it is here already. */
export function addArrived(conversation: Conversation, arriving: ArrivedMessage, now: number): boolean {
  const { place, ...message } = arriving
  if (conversation.deleted.has(message.id)) return false
  const here = messageIn(conversation, message.id)
  if (here === undefined) {
    const time = timeAtEnd(conversation, now)
    const more = { kind: 'message', authorName: '', time, stored: false, heardAt: now } as const
    conversation.entries.push({ ...message, ...more, sent: { ...arrived }, reactions: new Map() })
  } else if (place === undefined && here.authorId === message.authorId) {
    saidAgain(here, message)
    cameAgain(conversation, here, now)
  }
  if (place !== undefined) notePlace(conversation, message.id, place)
  return here === undefined
}

/** It was kept long after it was shown first, or another tab has sent what this one could not: it stands at the end. */
function cameAgain(conversation: Conversation, message: ChatMessage, now: number): void {
  if (message.stored || message.liveOnly === true) return
  Object.assign(message, { time: timeAtEnd(conversation, now), heardAt: now, sent: { ...arrived } })
  const others = plainEntries(conversation).filter(({ id }) => id !== message.id)
  conversation.entries = [...others, message]
}

/** Its author has changed it before it was kept; what the history has is for the history to change. */
function saidAgain(here: ChatMessage, { text, mentions }: NewMessage): void {
  if (here.sent.saved && !here.stored) Object.assign(here, { text, mentions })
}

/** Adds one's own message before anybody has confirmed it. */
export function addOwn(conversation: Conversation, message: NewMessage, now: number): void {
  const time = timeAtEnd(conversation, now)
  const sent = { delivered: false, saved: false, failed: false, reason: '' }
  const own = { kind: 'message', authorName: '', time, stored: false, heardAt: now, sent } as const
  conversation.entries.push({ ...message, ...own, reactions: new Map() })
}

/** The history has this message, at this time (ms). */
export function notePlace(conversation: Conversation, id: string, time: number): void {
  const message = messageIn(conversation, id)
  if (message === undefined || message.stored) return
  Object.assign(message, { time, stored: true })
  // What was changed meanwhile is kept once the change is.
  if (message.sent.changed !== true) Object.assign(message.sent, { saved: true, failed: false, reason: '' })
  conversation.entries = inOrder(plainEntries(conversation))
}

export function addSystemLine(
  conversation: Conversation,
  line: Pick<SystemLine, 'what' | 'userId' | 'userName'>,
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
    heardAt: message.time,
    sent: { ...arrived },
    replyTo: message.replyTo,
    mentions: message.mentions,
    editedAt: message.editedAt,
    reactions: new Map(message.reactions),
  }
}

/**
 * Merges a part of the history: what is here already takes the stored form, what is missing finds its place. Returns
 * those that were missing.
 *
 * @param end that this is the end of the history.
 */
export function mergeHistory(
  conversation: Conversation,
  part: readonly StoredMessage[],
  end?: HistoryEnd,
): ChatMessage[] {
  const fresh = new Map(part.map((message) => [message.id, fromHistory(message)]))
  const merged = plainEntries(conversation).map((entry) => {
    const stored = fresh.get(entry.id)
    if (stored === undefined || entry.kind !== 'message') return entry
    fresh.delete(entry.id)
    return stored
  })
  const missing = [...fresh.values()]
  if (end === undefined) {
    // Histories of earlier versions have messages of the same time: older ones are loaded later.
    conversation.entries = inOrder([...missing, ...merged])
    return missing
  }
  const newest = part.at(-1)
  conversation.settledTo = newest?.id ?? conversation.settledTo
  const oldest = end.startsAnew ? (part[0]?.time ?? -Infinity) : -Infinity
  const kept = merged.filter((entry) => !isHeard(entry) || (!isNotKept(entry, end) && entry.time >= oldest))
  conversation.entries = inOrder([...kept, ...missing], newest?.time)
  return missing
}

/** How the end of the history was read. */
export interface HistoryEnd {
  /** When it was asked for (ms). */
  askedAt: number
  /** Something older lies between it and what is here. */
  startsAnew: boolean
}

/** The history has not got it in all the time that is given. */
const isNotKept = ({ heardAt }: ChatMessage, { askedAt }: HistoryEnd): boolean =>
  askedAt - heardAt > keptWithinMs

/**
 * Lets go of what the history does not have any more, and of what is older than `newest`, the newest messages it had at
 * `askedAt` (oldest first, without a gap). What is not saved yet stays, and what came behind them.
 *
 * @param keepsOlder where what is older was loaded later, and so is known to be in the history.
 */
export function keepOnly(
  conversation: Conversation,
  newest: readonly StoredMessage[],
  askedAt: number,
  keepsOlder = false,
): void {
  const ids = new Set(newest.map(({ id }) => id))
  const from = newest[0]?.time ?? askedAt
  const to = newest.at(-1)?.time ?? askedAt
  // Nothing is older than a history that is here as a whole, lines of this page among the rest.
  const keepsOlderLines = keepsOlder || conversation.complete
  conversation.entries = plainEntries(conversation).filter((entry) => {
    if (keepsOlder && entry.time < from) return true
    if (entry.kind === 'system' || entry.liveOnly === true) return keepsOlderLines || entry.time >= from
    return !entry.sent.saved || !entry.stored || ids.has(entry.id) || entry.time > to
  })
}

/** Forgets everything but what was sent from here and is not saved: the history begins anew. */
export function startAnew(conversation: Conversation): void {
  conversation.entries = conversation.entries.filter((entry) => entry.kind === 'message' && !entry.sent.saved)
  conversation.loaded = false
  conversation.complete = false
  conversation.settledTo = undefined
}
