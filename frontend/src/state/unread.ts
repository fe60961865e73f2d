/** How many messages of each chat have not been seen. Plain functions over a plain state. */

export interface UnreadState {
  byChat: Map<string, number>
}

export const emptyUnread = (): UnreadState => ({ byChat: new Map() })

export function countUnread(state: UnreadState, chatId: string, messages = 1): void {
  state.byChat.set(chatId, (state.byChat.get(chatId) ?? 0) + messages)
}

export function clearUnread(state: UnreadState, chatId: string): void {
  state.byChat.delete(chatId)
}

export const unreadOf = (state: UnreadState, chatId: string): number => state.byChat.get(chatId) ?? 0

export const unreadInAll = (state: UnreadState): number =>
  [...state.byChat.values()].reduce((sum, count) => sum + count, 0)
