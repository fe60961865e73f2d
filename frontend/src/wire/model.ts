/**
 * What chats, members, users and stored messages look like on the wire, and how they are read from unknown input.
 * Field names are those of docs/protocol.md. A value that lacks what it needs is read as null, never as a guess.
 */
import { fieldsOf, mapOf, numberOf, textOf, textsOf, timeOf } from './json'
import { listedMembers } from './limits'

export interface Member {
  userId: string
  userName: string
}

export interface Chat {
  id: string
  name: string
  /** The owner's user id; empty for a private chat, which nobody owns. */
  owner: string
  /** A group is joined by invite; a private chat is between two. */
  kind: 'public' | 'group' | 'private'
  members: Map<string, Member>
  /** True while `members` are only those that a list of chats names. */
  partial?: boolean
  /** Only the backend speaks here: it shows what members say once it has kept it. */
  moderated: boolean
}

/** A chat of one's own, with how much of it is new. */
export interface OwnChat {
  chat: Chat
  /** Messages of others that were not read; 100 means more than 99. */
  unread: number
  /** Those among them that mention one. */
  unreadMentions: number
  /** The id of the message that was read last. */
  lastRead?: string
  /** When that was said, or one joined, in milliseconds since the epoch; given while anything is unread. */
  unreadSince?: number
}

export interface User {
  userId: string
  userName: string
  userProvider: string
  idle: boolean
}

export type Me = Omit<User, 'idle'>

/** Emoji → the ids of those who put it there; both the oldest first. */
export type Reactions = Map<string, string[]>

/** A message as the history holds it. `time` and `editedAt` are in milliseconds since the epoch. */
export interface StoredMessage {
  id: string
  message: string
  fromUserId: string
  fromUserName: string
  time: number
  replyTo?: string
  mentions: string[]
  editedAt?: number
  reactions: Reactions
}

export function readMember(value: unknown): Member | null {
  const fields = fieldsOf(value)
  const userId = textOf(fields?.userId)
  if (userId === null) return null
  return { userId, userName: textOf(fields?.userName) ?? userId }
}

export function readMembers(value: unknown): Map<string, Member> {
  return new Map(mapOf(value, readMember).map((member) => [member.userId, member]))
}

export const isPartial = ({ size }: Chat['members']): boolean => size >= listedMembers

export function readChat(value: unknown): Chat | null {
  const fields = fieldsOf(value)
  const id = textOf(fields?.id)
  const name = textOf(fields?.name)
  if (fields === null || id === null || name === null) return null
  const kind = fields.kind === 'private' || fields.kind === 'group' ? fields.kind : 'public'
  const owner = textOf(fields.owner) ?? ''
  const members = readMembers(fields.members)
  return { id, name, owner, kind, members, partial: isPartial(members), moderated: fields.moderated === true }
}

export function readOwnChat(value: unknown): OwnChat | null {
  const chat = readChat(value)
  if (chat === null) return null
  const fields = fieldsOf(value)
  const unread = numberOf(fields?.unread) ?? 0
  const unreadMentions = numberOf(fields?.unreadMentions) ?? 0
  const lastRead = textOf(fields?.lastRead) ?? undefined
  return { chat, unread, unreadMentions, lastRead, unreadSince: timeOf(fields?.unreadSince) ?? undefined }
}

export function readMe(value: unknown): Me | null {
  const fields = fieldsOf(value)
  const userId = textOf(fields?.userId)
  if (userId === null) return null
  return {
    userId,
    userName: textOf(fields?.userName) ?? userId,
    userProvider: textOf(fields?.userProvider) ?? '',
  }
}

export function readUser(value: unknown): User | null {
  const me = readMe(value)
  return me && { ...me, idle: fieldsOf(value)?.idle === true }
}

export function readStoredMessage(value: unknown): StoredMessage | null {
  const fields = fieldsOf(value)
  const id = textOf(fields?.id)
  const message = textOf(fields?.message)
  const fromUserId = textOf(fields?.fromUserId)
  const time = timeOf(fields?.time)
  if (id === null || message === null || fromUserId === null || time === null) return null
  return {
    id,
    message,
    fromUserId,
    fromUserName: textOf(fields?.fromUserName) ?? '',
    time,
    replyTo: textOf(fields?.replyTo) ?? undefined,
    mentions: textsOf(fields?.mentions),
    editedAt: timeOf(fields?.editedAt) ?? undefined,
    reactions: readReactions(fields?.reactions),
  }
}

function readReactions(value: unknown): Reactions {
  const read = Object.entries(fieldsOf(value) ?? {}).map(([emoji, users]) => [emoji, textsOf(users)] as const)
  return new Map(read.filter(([, users]) => users.length > 0))
}
