/** The addresses of the signed-in page. */
import { createRouter, createWebHistory } from 'vue-router'
import ChatPage from './pages/ChatPage.vue'
import LobbyPage from './pages/LobbyPage.vue'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'lobby', component: LobbyPage },
    { path: '/chat/:id', name: 'chat', component: ChatPage, props: true },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})

export const chatRoute = (id: string): { name: string; params: { id: string } } => ({
  name: 'chat',
  params: { id },
})
