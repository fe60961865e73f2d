// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp, h, nextTick, reactive, type App, type VNode } from 'vue'
import { useAppearance } from '../src/composables/useAppearance'
import { useNow } from '../src/composables/useNow'
import { useTimeZone } from '../src/composables/useTimeZone'
import { dayText, followTimeZone, timeText } from '../src/dates'
import type { Preferences } from '../src/state/preferences'
import { speak, texts } from '../src/texts'

const zoneBefore = process.env.TZ
const minute = 60_000
/** A message of half past eleven at night in Berlin. */
const said = new Date('2026-07-01T21:30:00Z').getTime()

let apps: App[] = []

function mounted(setup: () => () => VNode): HTMLElement {
  const page = document.createElement('div')
  const app = createApp({ setup })
  app.mount(page)
  apps.push(app)
  return page
}

/** A page that shows the day and the time of a message, as a list of messages does. */
const shown = (): HTMLElement =>
  mounted(() => {
    useTimeZone()
    const now = useNow(minute)
    return () => h('p', `${dayText(said, now.value)} ${timeText(said)}`)
  })

function fly(zone: string): void {
  process.env.TZ = zone
}

beforeEach(async () => {
  vi.useFakeTimers({ now: said + 20 * minute })
  fly('Europe/Berlin')
  followTimeZone()
  await speak('en', ['en-GB'])
})

afterEach(async () => {
  for (const app of apps) app.unmount()
  apps = []
  vi.useRealTimers()
  vi.unstubAllGlobals()
  process.env.TZ = zoneBefore
  followTimeZone()
  await speak('en', ['en'])
})

const comeBack = { focus: () => window, visibilitychange: () => document }

describe('after a flight', () => {
  test.each(Object.keys(comeBack) as (keyof typeof comeBack)[])(
    '%s has times follow at once',
    async (event) => {
      const page = shown()
      expect(page.textContent).toBe('Today 23:30')
      fly('Asia/Tokyo')
      // The machine slept: no timer has run.
      vi.setSystemTime(said + 21 * minute)
      comeBack[event]().dispatchEvent(new Event(event))
      await nextTick()
      expect(page.textContent).toBe('Today 06:30')
    },
  )

  test('times follow within a minute where nobody comes back because nobody left', async () => {
    const page = shown()
    fly('America/New_York')
    await vi.advanceTimersByTimeAsync(minute)
    expect(page.textContent).toBe('Today 17:30')
  })

  test('a page that is gone asks no more', () => {
    shown()
    expect(vi.getTimerCount()).toBeGreaterThan(0)
    apps.pop()?.unmount()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('when midnight passes', () => {
  test('today becomes yesterday within a minute', async () => {
    vi.setSystemTime(said + 29.5 * minute)
    const page = shown()
    expect(page.textContent).toBe('Today 23:30')
    await vi.advanceTimersByTimeAsync(minute)
    expect(page.textContent).toBe('Yesterday 23:30')
  })

  test('while the machine sleeps, the days are right when it wakes', async () => {
    const page = shown()
    vi.setSystemTime(said + 10 * 60 * minute)
    document.dispatchEvent(new Event('visibilitychange'))
    await nextTick()
    expect(page.textContent).toBe('Yesterday 23:30')
  })
})

describe('when the browser is set to another language', () => {
  let languages: string[]

  function set(...spoken: string[]): void {
    languages = spoken
    window.dispatchEvent(new Event('languagechange'))
  }

  function begin(language: string | null): void {
    vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: false }))
    vi.spyOn(navigator, 'languages', 'get').mockImplementation(() => languages)
    languages = ['en-GB']
    const preferences = reactive({ theme: 'system', language }) as unknown as Preferences
    mounted(() => {
      useAppearance(preferences)
      return () => h('p')
    })
  }

  test('words and times follow', async () => {
    vi.useRealTimers()
    begin(null)
    set('de-CH', 'en')
    await vi.waitFor(() => expect(document.documentElement.lang).toBe('de'))
    expect(texts.cancel).toBe('Abbrechen')
  })

  test('words stay as the user chose them, and times take the habits of the new region', async () => {
    vi.useRealTimers()
    begin('en')
    const noon = new Date(2026, 6, 1, 15, 5).getTime()
    expect(timeText(noon)).toBe('15:05')
    set('en-US')
    await vi.waitFor(() => expect(timeText(noon)).toMatch(/^3:05\sPM$/u))
    set('de')
    await nextTick()
    expect(texts.cancel).toBe('Cancel')
  })
})
