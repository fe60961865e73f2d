/** The addresses of the signed-in page. What is not needed at once is loaded when it is. */
import { createRouter, createWebHistory, type LocationQueryValue, type RouteLocationRaw } from 'vue-router'

/** A value of a query that stands there once. */
const textIn = (value: LocationQueryValue | LocationQueryValue[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'lobby', component: () => import('../pages/LobbyPage.vue') },
    {
      path: '/chat/:id',
      name: 'chat',
      component: () => import('../pages/ChatPage.vue'),
      props: ({ params, query }) => ({ id: params.id, message: textIn(query.message) }),
    },
    { path: '/join/:token', name: 'join', component: () => import('../pages/JoinPage.vue'), props: true },
    {
      path: '/with/:userId',
      name: 'person',
      component: () => import('../pages/PersonPage.vue'),
      props: true,
    },
    {
      path: '/search',
      name: 'search',
      component: () => import('../pages/SearchPage.vue'),
      props: ({ query }) => ({ words: textIn(query.q)?.trim() ?? '', chatId: textIn(query.chat) }),
    },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})

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
