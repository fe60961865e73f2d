/** The addresses within the signed-in page, which router.ts understands. */
import type { RouteLocationRaw } from 'vue-router'

/** @param messageId is a message of it that is to be shown. */
export const chatRoute = (id: string, messageId?: string): RouteLocationRaw => ({
  name: 'chat',
  params: { id },
  query: messageId === undefined ? {} : { message: messageId },
})

/** Leads into the private chat with somebody. */
export const personRoute = (userId: string): RouteLocationRaw => ({ name: 'person', params: { userId } })

/** @param chatId is the one chat that is searched. */
export const searchRoute = (words: string, chatId?: string): RouteLocationRaw => ({
  name: 'search',
  query: chatId === undefined ? { q: words } : { q: words, chat: chatId },
})
