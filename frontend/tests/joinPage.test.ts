// @vitest-environment jsdom
/** What somebody who follows an invite link is told when it does not lead in. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, defineComponent, h, nextTick, type App } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { provideClient } from '../src/composables/useClient'
import JoinPage from '../src/pages/JoinPage.vue'
import { texts } from '../src/texts'
import { wireChat } from './fakes'
import { loaded, signedIn, type Page } from './signedIn'

let page: Page
let app: App
let root: HTMLElement
const router = createRouter({
  history: createMemoryHistory(),
  routes: ['/', '/join/:token'].map((path) => ({ path, component: { render: () => null } })),
})
router.addRoute({ path: '/chats/:id', name: 'chat', component: { render: () => null } })

/** Follows a link that the backend refuses so. */
async function follow(code: string, retryAfter?: number): Promise<void> {
  page.service.latest.onEvent = () =>
    page.service.latest.tell('error', { event: 'acceptInvite', code, message: 'Why.', retryAfter })
  app = createApp(
    defineComponent(() => {
      provideClient(page.client)
      return () => h(JoinPage, { token: 't1' })
    }),
  )
  app.use(router)
  app.mount(root)
  await loaded()
  await nextTick()
}

beforeEach(async () => {
  root = document.createElement('div')
  page = await signedIn()
})

afterEach(() => app.unmount())

test.each(['InviteNotFound', 'BadRequest'])('%s says that the link leads nowhere', async (code) => {
  await follow(code)
  expect(root.textContent).toContain(texts.invite.nowhereLead)
})

test.each(['TooManyChats', 'Forbidden', 'Internal'])('%s gives its reason and a way on', async (code) => {
  await follow(code)
  expect(root.textContent).not.toContain(texts.invite.nowhere)
  expect(root.textContent).toContain(texts.refused(code))
  page.service.latest.onEvent = () => page.service.latest.tell('chatJoined', wireChat('circle', ['grace']))
  root.querySelector('button')?.click()
  await loaded()
  expect(page.client.state.chats.all.has('circle')).toBe(true)
})

test('what the backend could not finish is asked for once more, by itself', async () => {
  await follow('Unavailable', 5)
  expect(root.textContent).toContain(texts.invite.joining)
  page.service.latest.onEvent = () => page.service.latest.tell('chatJoined', wireChat('circle', ['grace']))
  await page.clock.passAndSettle(6_000)
  expect(page.client.state.chats.all.has('circle')).toBe(true)
})
