/** Whether what the user was told of is still news: not when it was read, here or elsewhere, taken back, or its chat is gone. */
import { isUnread } from '../state/unread'
import type { ClientState } from './state'

/** @param messageId is missing where the chat itself is the news. */
export function isStillNews(state: ClientState, chatId: string, messageId?: string): boolean {
  const { chats, conversations, me, unread } = state
  if (messageId === undefined) return chats.all.has(chatId)
  return isUnread(unread, chatId, conversations.get(chatId), messageId, me.userId) !== false
}

/** All that the answer to that depends on, to be watched. */
export function newsDependOn({ chats, conversations, directoryLoaded, unread }: ClientState): unknown[] {
  const deleted = [...unread.byChat.keys()].map((chatId) => conversations.get(chatId)?.deleted.size)
  return [directoryLoaded, chats.all.size, ...unread.byChat.values(), ...deleted]
}
