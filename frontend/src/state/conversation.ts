/** The messages of one chat as the page has them, and how to read them; merging.ts says how they come in. Times are milliseconds of the backend's clock. */
import { toRaw } from 'vue'
import type { Reactions } from '../wire/model'

export interface SentState {
  /** The group has it: those who are here see it. */
  delivered: boolean
  /** The history has it. */
  saved: boolean
  failed: boolean
  /** It was on its way before, so that somebody may know it with other words. */
  tried?: boolean
  /** Its words were changed since: once it is kept, the change is told as one of a kept message. */
  changed?: boolean
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
  /** True once the history has told of it: `time` is its place there. */
  stored: boolean
  /** When it was written here, was kept, or came last (ms). */
  heardAt: number
  /** Its sender gives it no id and keeps none: it never comes into the history. */
  liveOnly?: boolean
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
  userId: string
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
  /** The id of the message up to which the history was read without a gap. */
  settledTo?: string
  /** What is being fetched, or that the last fetch failed. */
  fetching: 'nothing' | 'newest' | 'older' | 'failed'
  /** Ids of messages that were deleted since; their authors' pages may send them once more. */
  deleted: Set<string>
}

export type Status = 'sending' | 'delivered' | 'saved' | 'failed'

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

/** Neither kept nor given up. */
export const isOnItsWay = ({ sent }: ChatMessage): boolean => !sent.saved && !sent.failed

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

export function oldestStored(conversation: Conversation): Entry | undefined {
  return plainEntries(conversation).find((entry) => entry.kind === 'message' && entry.stored)
}

/** One's own message that was written last, kept or not. */
export function lastOwn(conversation: Conversation, myId: string): ChatMessage | undefined {
  return conversation.entries.findLast(
    (entry): entry is ChatMessage => entry.kind === 'message' && entry.authorId === myId,
  )
}

/** The newest message that the history has, or is about to have. */
export function newestSaved(conversation: Conversation): ChatMessage | undefined {
  return conversation.entries.findLast(
    (entry): entry is ChatMessage => entry.kind === 'message' && entry.sent.saved,
  )
}
