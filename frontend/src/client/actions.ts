/**
 * What a user can do to chats. Each action tells the backend, waits for its word and then takes over the outcome at
 * once, since the event that announces it to everybody may come later. Rejects with RefusedError or SendError.
 */
import { privateChatWith } from '../state/chats'
import type { Commands } from '../wire/events'
import type { Chat } from '../wire/model'
import type { Directory } from './directory'
import { newId } from '../ids'
import type { ClientState } from './state'

export type Request = <Name extends keyof Commands>(
  event: Name,
  data: Commands[Name],
  id?: string,
) => Promise<void>

export interface Actions {
  /** Returns the new chat's id. */
  createChat(name: string, moderated: boolean): Promise<string>
  joinChat(chatId: string): Promise<void>
  leaveChat(chatId: string): Promise<void>
  deleteChat(chatId: string): Promise<void>
  /** Returns the chat's id if it exists already; else it comes with a joinPrivateChat event. */
  openPrivateChat(userId: string): Promise<string | null>
  /** Whether this very page asked for the private chat with these members; true once. */
  askedFor(memberIds: Iterable<string>): boolean
}

export function createActions(state: ClientState, directory: Directory, request: Request): Actions {
  const asked = new Set<string>()
  const { me } = state

  return {
    async createChat(name, moderated) {
      const id = newId()
      await request('createChat', { id, name, moderated }, id)
      const members = new Map([[me.userId, me]])
      const chat: Chat = { id, name, owner: me.userId, kind: 'public', members, moderated }
      directory.apply({ kind: 'chatCreated', chat })
      return id
    },
    async joinChat(chatId) {
      await request('joinChat', chatId, chatId)
      directory.apply({ kind: 'memberJoined', chatId, userId: me.userId, userName: me.userName })
    },
    async leaveChat(chatId) {
      await request('leaveChat', { chatId }, chatId)
      directory.apply({
        kind: 'memberLeft',
        chatId,
        removed: false,
        userId: me.userId,
        userName: me.userName,
      })
    },
    async deleteChat(chatId) {
      await request('deleteChat', chatId, chatId)
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
    askedFor(memberIds) {
      return [...memberIds].some((userId) => asked.delete(userId))
    },
  }
}
