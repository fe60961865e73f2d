// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, h, nextTick, type App } from 'vue'
import WindowedList from '../src/components/base/WindowedList.vue'

const rows = Array.from({ length: 500 }, (_, index) => ({ key: `row ${index}` }))

class Paper extends EventTarget {
  matches = false

  turn(matches: boolean): void {
    this.matches = matches
    this.dispatchEvent(new Event('change'))
  }
}

let paper: Paper
let app: App
let page: HTMLElement

const keys = (): (string | null)[] =>
  [...page.querySelectorAll('[aria-posinset]')].map((row) => row.textContent)
const places = (): (string | null)[] =>
  [...page.querySelectorAll('[aria-posinset]')].map((row) => row.getAttribute('aria-posinset'))
const spaces = (): string[] =>
  [...page.querySelectorAll<HTMLElement>('[aria-hidden]')].map(({ style }) => style.height)

beforeEach(() => {
  paper = new Paper()
  vi.stubGlobal('matchMedia', () => paper)
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe = (): void => undefined
      disconnect = (): void => undefined
    },
  )
  page = document.createElement('div')
  const row = ({ row: { key }, place }: { row: { key: string }; place: object }) => h('li', place, key)
  app = createApp(() => h(WindowedList, { rows, rowPx: 40, scroller: null }, { default: row }))
  app.mount(page)
})

afterEach(() => {
  app.unmount()
  vi.unstubAllGlobals()
})

const windowed = ['0px', `${(500 - 40) * 40}px`]

test('all rows of a long list are on the page before it is laid out for paper, and not for longer', async () => {
  expect([keys().length, spaces()]).toEqual([40, windowed])
  window.dispatchEvent(new Event('beforeprint'))
  // What a browser does between its word and the layout: nothing but what was promised.
  await nextTick()
  expect(keys()).toEqual(rows.map(({ key }) => key))
  expect(places()).toEqual(rows.map((_, index) => String(index + 1)))
  expect(spaces()).toEqual(['0px', '0px'])
  window.dispatchEvent(new Event('afterprint'))
  await nextTick()
  expect([keys().length, spaces()]).toEqual([40, windowed])
})

test('a browser that only shows how a page looks on paper has all rows, too', async () => {
  paper.turn(true)
  await nextTick()
  expect(keys()).toHaveLength(500)
  // Printed from there, it goes on showing that.
  window.dispatchEvent(new Event('beforeprint'))
  window.dispatchEvent(new Event('afterprint'))
  await nextTick()
  expect(keys()).toHaveLength(500)
  paper.turn(false)
  await nextTick()
  expect(keys()).toHaveLength(40)
})
