/**
 * What a user can do to chats and messages. Each action tells the backend, waits for its word and then takes over the outcome at
 * once, since the event that announces it to everybody may come later. Rejects with RefusedError or SendError.
 */
import type { Clock } from '../clock'
import { RefusedError } from '../connection/requests'
import { SendError } from '../connection/socket'
import { privateChatWith } from '../state/chats'
import type { BackendEvent, Commands } from '../wire/events'
import type { Chat, Member } from '../wire/model'
import type { Conversations } from './conversations'
import type { Directory } from './directory'
import { newId } from '../ids'
import type { ClientState } from './state'

export type Request = <Name extends keyof Commands>(
  event: Name,
  data: Commands[Name],
  id?: string,
) => Promise<void>

export interface NewChat {
  name: string
  kind: 'public' | 'group'
  moderated: boolean
}

export interface Invite {
  token: string
  /** When the link ends, in milliseconds since the epoch. */
  expires: number
}

export interface Actions {
  /** Returns the new chat's id. */
  createChat(chat: NewChat): Promise<string>
  removeMember(chatId: string, userId: string): Promise<void>
  /** The link of a group that one owns. */
  createInvite(chatId: string): Promise<Invite>
  /** Joins the group that the link leads into; returns its id. */
  acceptInvite(token: string): Promise<string>
  joinChat(chatId: string): Promise<void>
  leaveChat(chatId: string): Promise<void>
  deleteChat(chatId: string): Promise<void>
  /** Returns the chat's id if it exists already; else it comes with a joinPrivateChat event. */
  openPrivateChat(userId: string): Promise<string | null>
  /** From now on they open no private chat and write nothing in it. */
  block(person: Member): Promise<void>
  unblock(userId: string): Promise<void>
  editMessage(chatId: string, id: string, message: string, mentions: string[]): Promise<void>
  deleteMessage(chatId: string, id: string): Promise<void>
  /** Puts one's own emoji to a message, or takes it away. */
  react(chatId: string, id: string, emoji: string, on: boolean): Promise<void>
  /** Whether this very page asked for the private chat with these members; true once. */
  askedFor(memberIds: Iterable<string>): boolean
  /** Takes note of answers that come as events, before their ack. */
  heard(event: BackendEvent): void
}

export function createActions(
  state: ClientState,
  directory: Directory,
  conversations: Conversations,
  request: Request,
  clock: Clock,
): Actions {
  /** Repeats once what the backend could not finish just now: a repetition does what is missing. */
  const persist: Request = (event, data, id) =>
    request(event, data, id).catch(async (error: unknown) => {
      if (!(error instanceof RefusedError) || error.code !== 'Unavailable') throw error
      await new Promise<void>((resolve) => clock.after((error.retryAfter ?? 0) * 1_000, resolve))
      return request(event, data, id)
    })
  const asked = new Set<string>()
  const invites = new Map<string, Invite>()
  /** The chat of the last `chatJoined`, which answers `acceptInvite`. */
  let joined: string | undefined
  const takeJoined = (): string | undefined => {
    const chatId = joined
    joined = undefined
    return chatId
  }
  const { me } = state
  /** A chat that was asked for in vain. Asked for again it keeps its id: the first try may have made it, or half of it. */
  let unheard: { id: string; content: string } | null = null
  /** The answer lists some members only, and maybe not oneself. */
  const comeIn = (chatId: string): void =>
    directory.apply({ kind: 'memberJoined', chatId, userId: me.userId, userName: me.userName })

  return {
    async createChat({ name, kind, moderated }) {
      const wanted = { name, kind, moderated }
      const content = JSON.stringify(wanted)
      if (unheard?.content !== content || state.chats.all.has(unheard.id)) unheard = { id: newId(), content }
      const { id } = unheard
      await request('createChat', { id, ...wanted }, id).catch((error: unknown) => {
        if (error instanceof RefusedError && error.retryAfter === undefined) unheard = null
        throw error
      })
      unheard = null
      const members = new Map([[me.userId, me]])
      const chat: Chat = { id, name, owner: me.userId, kind, members, moderated }
      directory.apply({ kind: 'chatCreated', chat })
      return id
    },
    async removeMember(chatId, userId) {
      await persist('removeMember', { chatId, userId }, chatId)
      const userName = state.chats.all.get(chatId)?.members.get(userId)?.userName ?? userId
      directory.apply({ kind: 'memberLeft', chatId, userId, userName, removed: true })
    },
    async createInvite(chatId) {
      await request('createInvite', { chatId }, chatId)
      return answered(invites.get(chatId))
    },
    async acceptInvite(token) {
      // What answered an earlier try is no answer to this one.
      takeJoined()
      await persist('acceptInvite', { token })
      const chatId = answered(takeJoined())
      comeIn(chatId)
      return chatId
    },
    async joinChat(chatId) {
      await persist('joinChat', chatId, chatId)
      comeIn(chatId)
    },
    async leaveChat(chatId) {
      await persist('leaveChat', { chatId }, chatId)
      directory.apply({
        kind: 'memberLeft',
        chatId,
        removed: false,
        userId: me.userId,
        userName: me.userName,
      })
    },
    async deleteChat(chatId) {
      await persist('deleteChat', chatId, chatId)
      directory.apply({ kind: 'chatDeleted', chatId })
    },
    async openPrivateChat(userId) {
      const present = privateChatWith(state.chats, userId, me.userId)
      if (present) return present.id
      asked.add(userId)
      await request('createPrivateChat', { targetUserId: userId }).catch((error: unknown) => {
        asked.delete(userId)
        throw error
      })
      return null
    },
    async block(person) {
      await persist('blockUser', { userId: person.userId })
      directory.blocked.apply({ kind: 'userBlocked', ...person })
    },
    async unblock(userId) {
      await persist('unblockUser', { userId })
      directory.blocked.apply({ kind: 'userUnblocked', userId })
    },
    async editMessage(chatId, id, message, mentions) {
      await request('editMessage', { chatId, id, message, mentions }, id)
    },
    async deleteMessage(chatId, id) {
      await request('deleteMessage', { chatId, id }, id)
      conversations.change({ kind: 'messageDeleted', chatId, id })
    },
    async react(chatId, id, emoji, on) {
      // Shown when the backend tells it to all: of the ways to write an emoji, it knows the one that is kept.
      await request('react', { chatId, id, emoji, on }, id)
    },
    askedFor(memberIds) {
      return [...memberIds].some((userId) => asked.delete(userId))
    },
    heard(event) {
      if (event.kind === 'invite') invites.set(event.chatId, event)
      if (event.kind === 'chatJoined') joined = event.chat.id
    },
  }
}

function answered<T>(answer: T | undefined): T {
  if (answer === undefined) throw new SendError(false, 'The answer did not come.')
  return answer
}
