/**
 * How many messages of each chat have not been seen, and how far each was read. The backend counts what it has stored;
 * what arrives live is counted here until the next load. Plain functions over a plain state; times in milliseconds.
 */
import { countedUnread } from '../wire/limits'
import type { OwnChat } from '../wire/model'
import { countedOutside, type Attention } from './attention'
import { plainEntries, type ChatMessage, type Conversation, type Entry } from './conversation'

export interface UnreadState {
  byChat: Map<string, number>
  /** chat id → how many of these mention the user */
  mentions: Map<string, number>
  /** chat id → the id of the message up to which it was read, as the backend knows */
  lastRead: Map<string, string>
  /** chat id → a time up to which all was read, as the backend said */
  since: Map<string, number>
  /** chat id → the message up to which it was read on this page */
  readHere: Map<string, { id: string; time: number }>
  /** chat id → when its latest messages arrived */
  arrivedAt: Map<string, number[]>
  /** chat id → when messages of it were last before the user's eyes */
  seenAt: Map<string, number>
  /** Chats of which only the backend can tell how much is unread now. */
  unsure: Set<string>
}

/** What happened here so short a time ago, the backend may not know yet. */
const knownWithinMs = 3_000

export const emptyUnread = (): UnreadState => ({
  byChat: new Map(),
  mentions: new Map(),
  lastRead: new Map(),
  since: new Map(),
  readHere: new Map(),
  arrivedAt: new Map(),
  seenAt: new Map(),
  unsure: new Set(),
})

export const unreadOf = (state: UnreadState, chatId: string): number => state.byChat.get(chatId) ?? 0

export const mentionsOf = (state: UnreadState, chatId: string): number => state.mentions.get(chatId) ?? 0

/** How many unread messages are counted outside of their chats. */
export const countedInAll = (state: UnreadState, attentionOf: (chatId: string) => Attention): number =>
  [...state.byChat].reduce(
    (sum, [chatId, count]) => sum + countedOutside(count, mentionsOf(state, chatId), attentionOf(chatId)),
    0,
  )

export function countUnread(state: UnreadState, chatId: string, now: number): void {
  setUnread(state, chatId, unreadOf(state, chatId) + 1)
  state.arrivedAt.set(chatId, [...arrivedSince(state, chatId, now - knownWithinMs), now])
}

/** The message that was just counted mentions the user. */
export function countMention(state: UnreadState, chatId: string): void {
  state.mentions.set(chatId, mentionsOf(state, chatId) + 1)
}

/** The end of the chat is before the user's eyes: all is read, up to its newest message if there is one. */
export function clearUnread(state: UnreadState, chatId: string, now: number, newest?: ChatMessage): void {
  setUnread(state, chatId, 0)
  state.seenAt.set(chatId, now)
  if (newest) state.readHere.set(chatId, { id: newest.id, time: newest.time })
}

export function forgetUnread(state: UnreadState, chatId: string): void {
  for (const part of Object.values(state) as { delete: (key: string) => boolean }[]) part.delete(chatId)
}

function setUnread(
  state: UnreadState,
  chatId: string,
  messages: number,
  mentions = mentionsOf(state, chatId),
): void {
  if (messages > 0) state.byChat.set(chatId, messages)
  else state.byChat.delete(chatId)
  const those = Math.min(mentions, messages)
  if (those > 0) state.mentions.set(chatId, those)
  else state.mentions.delete(chatId)
}

const arrivedSince = (state: UnreadState, chatId: string, time: number): number[] =>
  (state.arrivedAt.get(chatId) ?? []).filter((at) => at >= time)

/**
 * Takes over what the backend counted when it was asked. What was seen here since stays seen, and what has just arrived
 * may not be stored yet: where that explains the difference, the count here is right, for now.
 *
 * @param seeing the chat before the user's eyes, if any.
 */
export function takeUnread(
  state: UnreadState,
  mine: readonly OwnChat[],
  askedAt: number,
  seeing: string | null,
): void {
  const since = askedAt - knownWithinMs
  for (const one of mine) {
    const chatId = one.chat.id
    if (one.lastRead !== undefined) state.lastRead.set(chatId, one.lastRead)
    // Where nothing is unread, all is read that was stored when it was counted.
    state.since.set(chatId, one.unreadSince ?? since)
    const late = arrivedSince(state, chatId, since).length
    if (chatId === seeing) state.unsure.delete(chatId)
    else if (!isReadFurther(state, one, since)) takeCount(state, one, late)
  }
  const listed = new Set(mine.map(({ chat }) => chat.id))
  for (const chatId of [...state.byChat.keys(), ...state.unsure]) {
    if (!listed.has(chatId) && arrivedSince(state, chatId, since).length === 0) forgetUnread(state, chatId)
  }
}

/** Whether the user has read on here and the backend did not know when it counted. */
function isReadFurther(
  state: UnreadState,
  { chat, unread, lastRead, unreadSince }: OwnChat,
  since: number,
): boolean {
  if ((state.seenAt.get(chat.id) ?? -Infinity) >= since) return true
  const here = state.readHere.get(chat.id)
  return unread > 0 && here !== undefined && here.id !== lastRead && here.time > (unreadSince ?? Infinity)
}

/** @param late how many have arrived so short a time ago that the backend may not have stored them. */
function takeCount(state: UnreadState, { chat, unread, unreadMentions }: OwnChat, late: number): void {
  const more = unreadOf(state, chat.id) - unread
  if (unread >= countedUnread && more >= 0) return
  const mentions = late === 0 ? unreadMentions : Math.max(unreadMentions, mentionsOf(state, chat.id))
  const isSame = more === 0 && mentions === unreadMentions
  setUnread(state, chat.id, more < 0 || more > late ? Math.max(unread, late) : unread + more, mentions)
  if (late === 0 || isSame) state.unsure.delete(chat.id)
  else state.unsure.add(chat.id)
}

const isOthers = (entry: Entry, myId: string): entry is ChatMessage =>
  entry.kind === 'message' && entry.authorId !== myId

/**
 * The place of the last entry that was read; -1 when that is none of a whole chat, and undefined when it is further up
 * than what is here.
 */
function readPlace(state: UnreadState, chatId: string, conversation: Conversation): number | undefined {
  const entries = plainEntries(conversation)
  const ids = [state.readHere.get(chatId)?.id, state.lastRead.get(chatId)]
  const place = entries.findLastIndex(({ id }) => ids.includes(id))
  const since = state.since.get(chatId) ?? -Infinity
  // The id is exact: of several messages of the same time one may be read and the next not.
  if (place >= 0 && (entries[place]?.time ?? 0) >= since) return place
  const isExact = state.lastRead.has(chatId)
  const isBefore = ({ time }: Entry): boolean => time < since || (time === since && !isExact)
  const before = entries.findLastIndex((entry) => entry.kind === 'message' && entry.stored && isBefore(entry))
  if (Math.max(place, before) >= 0) return Math.max(place, before)
  return conversation.complete && state.since.has(chatId) ? -1 : undefined
}

/** The first message of others that was not read; undefined when there is none, or it is further up than what is here. */
export function firstUnread(
  state: UnreadState,
  chatId: string,
  conversation: Conversation,
  myId: string,
): string | undefined {
  const count = unreadOf(state, chatId)
  if (count === 0) return undefined
  const place = readPlace(state, chatId, conversation)
  const others = plainEntries(conversation)
    .slice((place ?? -1) + 1)
    .filter((entry) => isOthers(entry, myId))
  if (place !== undefined) return others[0]?.id
  return count < countedUnread ? others.at(-count)?.id : undefined
}

/** Whether nothing unread is further up than what is here. */
export function isUnreadHere(
  state: UnreadState,
  chatId: string,
  conversation: Conversation,
  myId: string,
): boolean {
  if (unreadOf(state, chatId) === 0 || readPlace(state, chatId, conversation) !== undefined) return true
  return firstUnread(state, chatId, conversation, myId) !== undefined
}

/** Counts anew where all that may be unread is here; false where it is not. */
export function recountHere(
  state: UnreadState,
  chatId: string,
  conversation: Conversation,
  myId: string,
): boolean {
  const place = conversation.loaded ? readPlace(state, chatId, conversation) : undefined
  if (place === undefined) return false
  const behind = plainEntries(conversation)
    .slice(place + 1)
    .filter((entry) => isOthers(entry, myId))
  const mentions = behind.filter(({ mentions }) => mentions?.includes(myId)).length
  setUnread(state, chatId, behind.length, mentions)
  return true
}

/** Messages up to this one have been before the user's eyes; false when that is not further than before. */
export function readOn(
  state: UnreadState,
  chatId: string,
  message: ChatMessage,
  conversation: Conversation,
  myId: string,
  now: number,
): boolean {
  const place = plainEntries(conversation).findIndex(({ id }) => id === message.id)
  if (place <= (readPlace(state, chatId, conversation) ?? -1)) return false
  state.readHere.set(chatId, { id: message.id, time: message.time })
  state.seenAt.set(chatId, now)
  recountHere(state, chatId, conversation, myId)
  return true
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
  const entries = conversation === undefined ? [] : plainEntries(conversation)
  const place = entries.findIndex((entry) => entry.id === id)
  const behind = entries.slice(place + 1).filter((entry) => isOthers(entry, myId))
  const count = Math.min(behind.length, unreadOf(state, chatId))
  // Not here: it is older than all that is here, or was not heard of yet. What is left is at most that.
  if (place < 0 && unreadOf(state, chatId) > 0) state.unsure.add(chatId)
  const those = count === 0 ? [] : behind.slice(-count)
  setUnread(state, chatId, count, those.filter(({ mentions }) => mentions?.includes(myId)).length)
}

/** Whether a message is one of those that were not seen: the newest ones of others. Undefined when that is not known. */
export function isUnread(
  state: UnreadState,
  chatId: string,
  conversation: Conversation | undefined,
  id: string,
  myId: string,
): boolean | undefined {
  const count = unreadOf(state, chatId)
  if (count === 0 || conversation?.deleted.has(id) === true) return false
  const others = (conversation ? plainEntries(conversation) : []).filter((entry) => isOthers(entry, myId))
  const place = others.findIndex((entry) => entry.id === id)
  if (place < 0) return undefined
  if (others.length - place <= count) return true
  return count < countedUnread ? false : undefined
}

/** A message is about to be deleted that may be one of those that were not seen. */
export function uncountDeleted(
  state: UnreadState,
  chatId: string,
  conversation: Conversation,
  id: string,
  myId: string,
): void {
  if (conversation.deleted.has(id)) return
  const entry = plainEntries(conversation).find((one) => one.id === id)
  if (entry && [state.readHere.get(chatId)?.id, state.lastRead.get(chatId)].includes(id)) {
    state.since.set(chatId, entry.time)
  }
  if (entry && !isOthers(entry, myId)) return
  const wasUnread = isUnread(state, chatId, conversation, id, myId)
  const count = unreadOf(state, chatId)
  if (wasUnread === undefined || (wasUnread && count >= countedUnread)) state.unsure.add(chatId)
  if (wasUnread !== true || count >= countedUnread) return
  const mentioned = entry?.mentions?.includes(myId) === true
  setUnread(state, chatId, count - 1, mentionsOf(state, chatId) - Number(mentioned))
}
