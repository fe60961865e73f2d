/**
 * How many messages of each chat have not been seen, and how far each was read. The backend counts what it has stored;
 * what arrives live is counted here until the next load. Plain functions over a plain state; times in milliseconds.
 */
import type { OwnChat } from '../wire/model'
import { plainEntries, type Conversation } from './conversation'

export interface UnreadState {
  byChat: Map<string, number>
  /** chat id → how many of these mention the user */
  mentions: Map<string, number>
  /** chat id → the id of the message up to which it was read, here or elsewhere */
  lastRead: Map<string, string>
  /** chat id → when its latest messages arrived */
  arrivedAt: Map<string, number[]>
  /** chat id → when its end was last before the user's eyes */
  seenAt: Map<string, number>
}

/** What happened here so short a time ago, the backend may not know yet. */
const knownWithinMs = 3_000

export const emptyUnread = (): UnreadState => ({
  byChat: new Map(),
  mentions: new Map(),
  lastRead: new Map(),
  arrivedAt: new Map(),
  seenAt: new Map(),
})

export function countUnread(state: UnreadState, chatId: string, now: number): void {
  setUnread(state, chatId, unreadOf(state, chatId) + 1)
  state.arrivedAt.set(chatId, [...arrivedSince(state, chatId, now - knownWithinMs), now])
}

/** The message that was just counted mentions the user. */
export function countMention(state: UnreadState, chatId: string): void {
  state.mentions.set(chatId, mentionsOf(state, chatId) + 1)
}

export function clearUnread(state: UnreadState, chatId: string, now: number): void {
  setUnread(state, chatId, 0)
  state.seenAt.set(chatId, now)
}

export function forgetUnread(state: UnreadState, chatId: string): void {
  const { byChat, mentions, lastRead, arrivedAt, seenAt } = state
  ;[byChat, mentions, lastRead, arrivedAt, seenAt].forEach((map) => map.delete(chatId))
}

function setUnread(state: UnreadState, chatId: string, messages: number): void {
  if (messages > 0) state.byChat.set(chatId, messages)
  else state.byChat.delete(chatId)
  const mentions = Math.min(mentionsOf(state, chatId), messages)
  if (mentions > 0) state.mentions.set(chatId, mentions)
  else state.mentions.delete(chatId)
}

const arrivedSince = (state: UnreadState, chatId: string, time: number): number[] =>
  (state.arrivedAt.get(chatId) ?? []).filter((at) => at >= time)

/**
 * Takes over what the backend counted when it was asked. What was seen here since stays seen, and what has just arrived
 * may not be stored yet: where that explains the difference, the count here is right.
 *
 * @param seeing the chat before the user's eyes, if any.
 */
export function takeUnread(
  state: UnreadState,
  mine: readonly OwnChat[],
  askedAt: number,
  seeing: string | null,
): void {
  const unsure = askedAt - knownWithinMs
  for (const { chat, unread, unreadMentions, lastRead } of mine) {
    if (lastRead !== undefined) state.lastRead.set(chat.id, lastRead)
    if (chat.id === seeing || (state.seenAt.get(chat.id) ?? -Infinity) >= unsure) continue
    const more = unreadOf(state, chat.id) - unread
    const late = arrivedSince(state, chat.id, unsure).length
    if (late === 0 || unreadMentions > mentionsOf(state, chat.id)) {
      state.mentions.set(chat.id, unreadMentions)
    }
    setUnread(state, chat.id, more < 0 || more > late ? Math.max(unread, late) : unread + more)
  }
}

/** The messages of others that stand behind the message `id`; all, if it is not here, since it is older then. */
function othersBehind(conversation: Conversation, id: string, myId: string): number {
  const entries = plainEntries(conversation)
  const behind = entries.slice(entries.findIndex((entry) => entry.id === id) + 1)
  return behind.filter((entry) => entry.kind === 'message' && entry.authorId !== myId).length
}

/** The user has read a chat up to a message, perhaps elsewhere. */
export function readUpTo(
  state: UnreadState,
  chatId: string,
  id: string,
  conversation: Conversation | undefined,
  myId: string,
): void {
  state.lastRead.set(chatId, id)
  const left = conversation === undefined ? 0 : othersBehind(conversation, id, myId)
  setUnread(state, chatId, Math.min(left, unreadOf(state, chatId)))
}

/** A message was deleted that may be one of those that were not seen: the newest ones of others. */
export function uncountDeleted(
  state: UnreadState,
  chatId: string,
  conversation: Conversation,
  id: string,
  myId: string,
): void {
  const others = plainEntries(conversation).filter(
    (entry) => entry.kind === 'message' && entry.authorId !== myId,
  )
  const place = others.findIndex((entry) => entry.id === id)
  const unread = unreadOf(state, chatId)
  if (place >= 0 && others.length - place <= unread) setUnread(state, chatId, unread - 1)
}

export const unreadOf = (state: UnreadState, chatId: string): number => state.byChat.get(chatId) ?? 0

export const mentionsOf = (state: UnreadState, chatId: string): number => state.mentions.get(chatId) ?? 0

export const unreadInAll = (state: UnreadState): number =>
  [...state.byChat.values()].reduce((sum, count) => sum + count, 0)
