// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, defineComponent, h, nextTick, type App } from 'vue'
import MoreChats from '../src/components/lobby/MoreChats.vue'
import type { Client } from '../src/client/client'
import { provideClient } from '../src/composables/useClient'

let app: App
let page: HTMLElement
let sees: (inSight: boolean) => void
let watched: { root: unknown; ended: boolean }
let asked: number
let arrives: (() => void)[]
let isWanted: () => boolean

beforeEach(async () => {
  asked = 0
  arrives = []
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(seen: (entries: { isIntersecting: boolean }[]) => void, { root }: { root: unknown }) {
        sees = (isIntersecting) => seen([{ isIntersecting }])
        watched = { root, ended: false }
      }
      observe = (): void => undefined
      disconnect = (): boolean => (watched.ended = true)
    },
  )
  const more = (wanted: () => boolean): Promise<boolean> =>
    new Promise((resolve) => {
      asked += 1
      isWanted = wanted
      arrives.push(() => resolve(true))
    })
  page = document.createElement('div')
  const Around = defineComponent(() => {
    provideClient({ publicChats: { more } } as unknown as Client)
    return () => h(MoreChats, { scroller: page })
  })
  app = createApp(Around)
  app.mount(page)
  await nextTick()
})

afterEach(() => {
  app.unmount()
  vi.unstubAllGlobals()
})

test('the end of the list brings more of it when it comes into sight, or is clicked, once at a time', async () => {
  const button = page.querySelector<HTMLElement>('[data-testid="more-chats"]')
  expect(watched).toEqual({ root: page, ended: false })
  sees(false)
  expect(asked).toBe(0)
  sees(true)
  sees(true)
  button?.click()
  await nextTick()
  expect([asked, button?.getAttribute('aria-disabled'), button?.textContent.trim()]).toEqual([
    1,
    'true',
    'Loading…',
  ])
  arrives.forEach((arrive) => arrive())
  await nextTick()
  await nextTick()
  button?.click()
  expect(asked).toBe(2)
  expect(isWanted()).toBe(true)
  app.unmount()
  expect([watched.ended, isWanted()]).toEqual([true, false])
})
