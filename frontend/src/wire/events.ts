/**
 * Every event that travels over Web PubSub, in both directions, as a type; docs/protocol.md says who may send which.
 *
 * Trust: a `chatEvent` counts only when the backend must have sent it: `from: "server"`, or from a group without a
 * `fromUserId`, which the service writes into whatever a browser sends. Of a browser's message the sender is what the
 * service says, never what the payload says; only of a message that the backend shows, as in a moderated chat, it is.
 */
import { fieldsOf, numberOf, textOf, textsOf, timeOf, valueInJson, type Fields } from './json'
import { readChat, readMembers, readUser, type Chat, type Member, type User } from './model'

/** A data message as it came from the service, before anything in it is believed. */
export type Envelope =
  { from: 'server'; data: unknown } | { from: 'group'; group: string; fromUserId?: string; data: unknown }

export interface Refusal {
  event: string
  code: string
  message: string
  /** The refused message's id, else its chat's. */
  id?: string
  /** After so many seconds the same will be taken. */
  retryAfter?: number
}

export type BackendEvent =
  | { kind: 'chatCreated'; chat: Chat }
  | { kind: 'chatJoined'; chat: Chat }
  | { kind: 'invite'; chatId: string; token: string; expires: number }
  | { kind: 'chatDeleted'; chatId: string }
  | { kind: 'userOnline'; user: User }
  | { kind: 'userOffline' | 'userIsIdle' | 'userNotIdle'; userId: string }
  | {
      kind: 'joinPrivateChat'
      chatId: string
      name: string
      grabFocus: boolean
      members: Map<string, Member>
    }
  | { kind: 'userBlocked'; userId: string; userName: string }
  | { kind: 'userUnblocked'; userId: string }
  | { kind: 'memberJoined'; chatId: string; userId: string; userName: string }
  | { kind: 'memberLeft'; chatId: string; userId: string; userName: string; removed: boolean }
  | { kind: 'messageSaved'; chatId: string; id: string; time: number }
  | {
      kind: 'messageEdited'
      chatId: string
      id: string
      message: string
      mentions: string[]
      editedAt: number
    }
  | { kind: 'messageDeleted'; chatId: string; id: string }
  | { kind: 'reaction'; chatId: string; id: string; userId: string; emoji: string; on: boolean }
  | { kind: 'chatRead'; chatId: string; id: string }
  | { kind: 'error'; refusal: Refusal }

export type PeerEvent =
  | {
      kind: 'message'
      chatId: string
      userId: string
      id: string | null
      message: string
      replyTo?: string
      mentions?: string[]
      /** Its place in the history, in milliseconds; only the backend says it. */
      time?: number
    }
  | { kind: 'typing'; chatId: string; userId: string }

export type Incoming = BackendEvent | PeerEvent

/** What the browser tells the backend: event name → its data. Text goes as text, everything else as JSON. */
export interface Commands {
  userConnected: { userName: string; userProvider: string }
  createChat: { id: string; name: string; kind: 'public' | 'group'; moderated: boolean }
  joinChat: string
  leaveChat: { chatId: string }
  deleteChat: string
  removeMember: { chatId: string; userId: string }
  createInvite: { chatId: string }
  acceptInvite: { token: string }
  createPrivateChat: { targetUserId: string }
  blockUser: { userId: string }
  unblockUser: { userId: string }
  userEnterIdle: string
  userExitIdle: string
  saveMessage: { chatId: string; id: string; message: string; replyTo?: string; mentions?: string[] }
  editMessage: { chatId: string; id: string; message: string; mentions: string[] }
  deleteMessage: { chatId: string; id: string }
  react: { chatId: string; id: string; emoji: string; on: boolean }
  markRead: { chatId: string; id: string }
}

/** What a browser sends to the group of a chat. */
export type GroupPayload =
  | {
      id: string
      message: string
      fromUserId: string
      fromUserName: string
      replyTo?: string
      mentions?: string[]
    }
  | { typing: true }

/** The names of Commands, for comparing them with the documentation. */
export const commandNames = Object.keys({
  userConnected: true,
  createChat: true,
  joinChat: true,
  leaveChat: true,
  deleteChat: true,
  removeMember: true,
  createInvite: true,
  acceptInvite: true,
  createPrivateChat: true,
  blockUser: true,
  unblockUser: true,
  userEnterIdle: true,
  userExitIdle: true,
  saveMessage: true,
  editMessage: true,
  deleteMessage: true,
  react: true,
  markRead: true,
} satisfies Record<keyof Commands, true>)

type Reader = (data: unknown) => BackendEvent | null

/** `data` is a JSON text, where a value is meant; a value that comes as it is will do as well. */
const valueIn = (data: unknown): unknown => (typeof data === 'string' ? valueInJson(data) : data)

function userIdReader(kind: 'userOffline' | 'userIsIdle' | 'userNotIdle'): Reader {
  return (data) => {
    const userId = textOf(data)
    return userId === null ? null : { kind, userId }
  }
}

function readMembership(
  data: unknown,
): { fields: Fields; chatId: string; userId: string; userName: string } | null {
  const fields = fieldsOf(valueIn(data))
  const chatId = textOf(fields?.chatId)
  const userId = textOf(fields?.userId)
  if (fields === null || chatId === null || userId === null) return null
  return { fields, chatId, userId, userName: textOf(fields.userName) ?? userId }
}

function readAboutMessage(data: unknown): { fields: Fields; chatId: string; id: string } | null {
  const fields = fieldsOf(valueIn(data))
  const chatId = textOf(fields?.chatId)
  const id = textOf(fields?.id)
  return fields === null || chatId === null || id === null ? null : { fields, chatId, id }
}

const readers: Record<BackendEvent['kind'], Reader> = {
  chatCreated(data) {
    const chat = readChat(valueIn(data))
    return chat && { kind: 'chatCreated', chat }
  },
  chatJoined(data) {
    const chat = readChat(valueIn(data))
    return chat && { kind: 'chatJoined', chat }
  },
  invite(data) {
    const fields = fieldsOf(valueIn(data))
    const chatId = textOf(fields?.chatId)
    const token = textOf(fields?.token)
    const expires = timeOf(fields?.expires)
    if (chatId === null || token === null || expires === null) return null
    return { kind: 'invite', chatId, token, expires }
  },
  chatDeleted(data) {
    const chatId = textOf(data)
    return chatId === null ? null : { kind: 'chatDeleted', chatId }
  },
  userOnline(data) {
    const user = readUser(valueIn(data))
    return user && { kind: 'userOnline', user }
  },
  userOffline: userIdReader('userOffline'),
  userIsIdle: userIdReader('userIsIdle'),
  userNotIdle: userIdReader('userNotIdle'),
  joinPrivateChat(data) {
    const fields = fieldsOf(valueIn(data))
    const chatId = textOf(fields?.id)
    const name = textOf(fields?.name)
    if (fields === null || chatId === null || name === null) return null
    const members = readMembers(fields.members)
    return { kind: 'joinPrivateChat', chatId, name, grabFocus: fields.grabFocus === true, members }
  },
  userBlocked(data) {
    const fields = fieldsOf(valueIn(data))
    const userId = textOf(fields?.userId)
    return userId === null
      ? null
      : { kind: 'userBlocked', userId, userName: textOf(fields?.userName) ?? userId }
  },
  userUnblocked(data) {
    const userId = textOf(fieldsOf(valueIn(data))?.userId)
    return userId === null ? null : { kind: 'userUnblocked', userId }
  },
  memberJoined(data) {
    const read = readMembership(data)
    return read && { kind: 'memberJoined', chatId: read.chatId, userId: read.userId, userName: read.userName }
  },
  memberLeft(data) {
    const read = readMembership(data)
    if (read === null) return null
    const { chatId, userId, userName, fields } = read
    return { kind: 'memberLeft', chatId, userId, userName, removed: fields.removed === true }
  },
  messageSaved(data) {
    const read = readAboutMessage(data)
    const time = timeOf(read?.fields.time)
    return read === null || time === null
      ? null
      : { kind: 'messageSaved', chatId: read.chatId, id: read.id, time }
  },
  messageEdited(data) {
    const read = readAboutMessage(data)
    const message = textOf(read?.fields.message)
    const editedAt = timeOf(read?.fields.editedAt)
    if (read === null || message === null || editedAt === null) return null
    const mentions = textsOf(read.fields.mentions)
    return { kind: 'messageEdited', chatId: read.chatId, id: read.id, message, mentions, editedAt }
  },
  messageDeleted(data) {
    const read = readAboutMessage(data)
    return read && { kind: 'messageDeleted', chatId: read.chatId, id: read.id }
  },
  reaction(data) {
    const read = readAboutMessage(data)
    const userId = textOf(read?.fields.userId)
    const emoji = textOf(read?.fields.emoji)
    if (read === null || userId === null || emoji === null) return null
    const { chatId, id, fields } = read
    return { kind: 'reaction', chatId, id, userId, emoji, on: fields.on === true }
  },
  chatRead(data) {
    const read = readAboutMessage(data)
    return read && { kind: 'chatRead', chatId: read.chatId, id: read.id }
  },
  error(data) {
    const fields = fieldsOf(valueIn(data))
    const event = textOf(fields?.event)
    const code = textOf(fields?.code)
    if (event === null || code === null) return null
    const message = textOf(fields?.message) ?? code
    const id = textOf(fields?.id) ?? undefined
    const retryAfter = numberOf(fields?.retryAfter) ?? undefined
    return { kind: 'error', refusal: { event, code, message, id, retryAfter } }
  },
}

export const backendEventNames = Object.keys(readers)

function readBackendEvent(data: unknown): BackendEvent | null {
  const fields = fieldsOf(data)
  const name = textOf(fields?.chatEvent)
  if (fields === null || name === null || !Object.hasOwn(readers, name)) return null
  return readers[name as BackendEvent['kind']](fields.data)
}

/** A member's message that the backend shows in their place. */
function readShownMessage(group: string, data: unknown): PeerEvent | null {
  const userId = textOf(fieldsOf(data)?.fromUserId)
  const event = userId === null ? null : readPeerEvent(group, userId, data)
  return event?.kind === 'message' ? { ...event, time: timeOf(fieldsOf(data)?.time) ?? undefined } : null
}

function readPeerEvent(group: string, userId: string, data: unknown): PeerEvent | null {
  // A client of the original Chatr may send bare text.
  const bareText = textOf(data)
  if (bareText !== null) return { kind: 'message', chatId: group, userId, id: null, message: bareText }
  const fields = fieldsOf(data)
  if (fields?.typing === true) return { kind: 'typing', chatId: group, userId }
  const message = textOf(fields?.message)
  if (fields === null || message === null) return null
  const replyTo = textOf(fields.replyTo) ?? undefined
  const mentions = 'mentions' in fields ? textsOf(fields.mentions) : undefined
  return { kind: 'message', chatId: group, userId, id: textOf(fields.id), message, replyTo, mentions }
}

/** What a data message means; null when it means nothing to us or pretends to be what it cannot be. */
export function readEnvelope(envelope: Envelope): Incoming | null {
  if (envelope.from === 'server') return readBackendEvent(envelope.data)
  const { group, fromUserId, data } = envelope
  if (fromUserId !== undefined && fromUserId !== '') return readPeerEvent(group, fromUserId, data)
  return readBackendEvent(data) ?? readShownMessage(group, data)
}
