// @vitest-environment jsdom
/** While somebody searches, all public chats come, whenever the search began; and a chat is not missing before that is known. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, defineComponent, h, nextTick, ref, type App, type Component } from 'vue'
import { ApiError } from '../src/api'
import { provideClient } from '../src/composables/useClient'
import { useWholeList } from '../src/composables/useWholeList'
import ChatPage from '../src/pages/ChatPage.vue'
import { texts } from '../src/texts'
import { chat } from './fakes'
import { loaded, reconnected, signedIn, type Page } from './signedIn'

const idOf = (number: number): string => `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`

let page: Page
let app: App
let root: HTMLElement
const words = ref('')

const Searching = defineComponent(() => {
  const searching = useWholeList(() => words.value !== '')
  return () => (searching.value ? 'searching' : `all ${page.client.state.chats.all.size}`)
})

function show(component: Component, props: Record<string, unknown> = {}): void {
  app = createApp(
    defineComponent(() => {
      provideClient(page.client)
      return () => h(component, props)
    }),
  )
  app.component('RouterLink', () => null)
  app.mount(root)
}

/** Ada's page before its lists are here: ten public chats, listed four at a time. */
beforeEach(async () => {
  words.value = ''
  root = document.createElement('div')
  page = await signedIn()
  page.api.chatsOnAPage = 4
  page.api.chats = Array.from({ length: 10 }, (_, number) => chat(idOf(number), ['grace']))
  page.api.mine = []
  page.client.state.chats.all.clear()
  page.client.state.chats.upTo = null
  page.client.state.directoryLoaded = false
})

afterEach(() => app.unmount())

async function calm(): Promise<void> {
  await loaded()
  await nextTick()
  await loaded()
  await nextTick()
}

test('words that were typed before the lists came find all of them', async () => {
  words.value = 'x'
  show(Searching)
  expect(root.textContent).toBe('searching')
  await reconnected(page)
  await calm()
  expect(root.textContent).toBe('all 10')
})

test('words that stand while the lists are loaded anew find all of them again', async () => {
  show(Searching)
  words.value = 'x'
  await reconnected(page)
  await calm()
  page.api.askedForChats = []
  await reconnected(page)
  await calm()
  expect(root.textContent).toBe('all 10')
  expect(page.api.askedForChats).toEqual(['', idOf(3), idOf(7)])
})

test('a page of the list that does not come is asked for until it does', async () => {
  show(Searching)
  await reconnected(page)
  page.api.failure = new ApiError(503, 'Unavailable', 'away')
  words.value = 'x'
  await calm()
  expect(root.textContent).toBe('searching')
  page.api.failure = null
  page.clock.pass(3_000)
  await calm()
  expect(root.textContent).toBe('all 10')
})

test('a chat whose look-up fails is waited for, and found with the next one', async () => {
  await reconnected(page)
  page.api.failure = new ApiError(503, 'Unavailable', 'away')
  show(ChatPage, { id: idOf(8) })
  await calm()
  expect(root.textContent).not.toContain(texts.chat.gone)
  expect(root.querySelector('[role="status"]')?.getAttribute('aria-label')).toBe(texts.chat.loading)
  page.api.failure = null
  page.clock.pass(3_000)
  await calm()
  await expect.poll(() => root.textContent).toContain(texts.chat.join)
})

test('a chat that was not there is looked for again with the next lists', async () => {
  await reconnected(page)
  show(ChatPage, { id: idOf(77) })
  await calm()
  await expect.poll(() => root.textContent).toContain(texts.chat.gone)
  page.api.chats.push(chat(idOf(77), ['grace']))
  await reconnected(page)
  await calm()
  await expect.poll(() => root.textContent).toContain(texts.chat.join)
})
