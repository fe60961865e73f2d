/** Which page each address shows; routes.ts makes the addresses. What is not needed at once is loaded when it is. */
import { createRouter, createWebHistory, type LocationQueryValue } from 'vue-router'

/** A value of a query that stands there once. */
const textIn = (value: LocationQueryValue | LocationQueryValue[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'lobby', component: () => import('./pages/LobbyPage.vue') },
    {
      path: '/chat/:id',
      name: 'chat',
      component: () => import('./pages/ChatPage.vue'),
      props: ({ params, query }) => ({ id: params.id, message: textIn(query.message) }),
    },
    { path: '/join/:token', name: 'join', component: () => import('./pages/JoinPage.vue'), props: true },
    {
      path: '/with/:userId',
      name: 'person',
      component: () => import('./pages/PersonPage.vue'),
      props: true,
    },
    {
      path: '/search',
      name: 'search',
      component: () => import('./pages/SearchPage.vue'),
      props: ({ query }) => ({ words: textIn(query.q)?.trim() ?? '', chatId: textIn(query.chat) }),
    },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})
