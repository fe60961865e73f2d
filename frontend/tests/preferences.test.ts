import { describe, expect, test } from 'vitest'
import { isPersonal, isWanted, waysToTell, type News } from '../src/state/attention'
import { attentionOf, keptPreferences, readPreferences, setAttention } from '../src/state/preferences'
import { excerpt } from '../src/state/excerpt'
import { hasWords } from '../src/state/search'
import { chat, FakeStorage } from './fakes'

describe('preferences', () => {
  test('are kept as soon as they are chosen', () => {
    const storage = new FakeStorage()
    const chosen = keptPreferences(storage)
    chosen.theme = 'dark'
    setAttention(chosen, 'art', 'none')
    const later = keptPreferences(storage)
    expect(later.theme).toBe('dark')
    expect(attentionOf(later, 'art')).toBe('none')
    setAttention(later, 'art', 'all')
    expect(later.attention).toEqual({})
  })

  test('that make no sense are as if nothing had been chosen', () => {
    const none = readPreferences(null)
    expect(none).toMatchObject({ theme: 'system', language: null, sound: false, notifications: false })
    expect(readPreferences('{')).toEqual(none)
    expect(readPreferences('{"theme":"pink","language":7,"attention":{"art":"some"}}')).toEqual(none)
    const storage = new FakeStorage()
    for (const name of ['theme', 'sound', 'attention/art']) storage.setItem(`chatr.preference/${name}`, '{')
    expect(keptPreferences(storage)).toEqual(none)
  })

  test('follow what is chosen in another tab, and neither tab undoes what the other has chosen', () => {
    const storage = new FakeStorage()
    const here = keptPreferences(storage)
    const there = keptPreferences(storage.otherTab())
    here.theme = 'dark'
    there.language = 'de'
    there.notifications = true
    here.sound = true
    setAttention(here, 'art', 'none')
    setAttention(there, 'open', 'mentions')
    const both = {
      theme: 'dark',
      language: 'de',
      sound: true,
      notifications: true,
      attention: { art: 'none', open: 'mentions' },
    }
    expect([here, there, keptPreferences(storage)]).toEqual([both, both, both])
    setAttention(there, 'art', 'all')
    there.language = null
    expect(attentionOf(here, 'art')).toBe('all')
    expect(keptPreferences(storage)).toEqual({ ...both, language: null, attention: { open: 'mentions' } })
  })

  test('are those of the other tabs also after sleep', () => {
    const storage = new FakeStorage()
    const sleeper = storage.otherTab()
    const [here, there] = [keptPreferences(storage), keptPreferences(sleeper)]
    sleeper.sleep()
    Object.assign(here, { theme: 'dark', sound: true })
    sleeper.wake()
    expect(there).toEqual(here)
  })

  test('of an older page, which kept them in one piece, count until something else is chosen', () => {
    const storage = new FakeStorage()
    storage.setItem('chatr.preference/theme', '"light"')
    storage.setItem('chatr.preferences', '{"theme":"dark","sound":true,"attention":{"art":"none"}}')
    const chosen = keptPreferences(storage)
    expect(chosen).toMatchObject({ theme: 'light', sound: true, attention: { art: 'none' } })
    expect(keptPreferences(storage)).toEqual(chosen)
    expect(storage.items.has('chatr.preferences')).toBe(false)
  })

  test('hold for the page where nothing can be kept, which is told of', () => {
    const storage = new FakeStorage()
    storage.browser.forbidden = true
    const chosen = keptPreferences(storage)
    expect(storage.unkept.size).toBe(0)
    chosen.theme = 'dark'
    expect(chosen.theme).toBe('dark')
    expect([...storage.unkept]).toEqual(['blocked'])
  })
})

describe('news', () => {
  const news = (mentioned: boolean): News => ({
    id: 'm1',
    chat: chat('art', ['ada', 'grace']),
    messageId: 'm1',
    author: 'Grace',
    text: 'hi',
    mentioned,
  })

  test('is told as it was chosen for its chat', () => {
    expect(isWanted(news(false), 'all')).toBe(true)
    expect(isWanted(news(false), 'mentions')).toBe(false)
    expect(isWanted(news(true), 'mentions')).toBe(true)
    expect(isWanted(news(true), 'none')).toBe(false)
  })

  test('is personal when it names one or comes in a private chat', () => {
    expect(isPersonal(news(false))).toBe(false)
    expect(isPersonal(news(true))).toBe(true)
    expect(isPersonal({ ...news(false), chat: chat('p', ['ada'], { kind: 'private' }) })).toBe(true)
  })
})

describe('one is told of news', () => {
  const news = {
    id: 'm1',
    messageId: 'm1',
    chat: chat('art', ['ada', 'grace']),
    author: 'Grace',
    text: 'hi',
    mentioned: true,
  }
  const nothing = { sound: false, system: false, notice: false }
  const both = { sound: true, notifications: true }

  test('by no sound and no notification of the system until these are chosen', () => {
    const { sound, notifications } = readPreferences(null)
    expect(waysToTell(news, 'all', { sound, notifications }, true)).toEqual(nothing)
  })

  test('by the system while the page is hidden, by the page while it is not', () => {
    expect(waysToTell(news, 'all', both, true)).toEqual({ sound: true, system: true, notice: false })
    expect(waysToTell(news, 'all', both, false)).toEqual({ sound: true, system: false, notice: true })
    const other = { ...news, mentioned: false }
    expect(waysToTell(other, 'all', both, false)).toEqual({ sound: true, system: false, notice: false })
  })

  test('in no way of what one does not want to hear from its chat', () => {
    for (const hidden of [true, false]) {
      expect(waysToTell(news, 'none', both, hidden)).toEqual(nothing)
      expect(waysToTell({ ...news, mentioned: false }, 'mentions', both, hidden)).toEqual(nothing)
    }
    expect(waysToTell(news, 'mentions', both, true).system).toBe(true)
  })
})

describe('searching', () => {
  test('finds names by any of their words, in either case', () => {
    expect(hasWords('Coffee corner', 'CORN cof')).toBe(true)
    expect(hasWords('Coffee corner', 'tea')).toBe(false)
    expect(hasWords('Coffee corner', ' ')).toBe(true)
  })

  test('marks the words in what was found, whatever signs they have', () => {
    expect(excerpt('cost (1+1)', '(1+1)')).toEqual([
      { text: 'cost ', hit: false },
      { text: '(1+1)', hit: true },
    ])
  })

  test('shows the place of a long message where the words are', () => {
    const parts = excerpt(`${'a '.repeat(500)}needle${' b'.repeat(500)}`, 'needle')
    expect(parts.map(({ text }) => text).join('').length).toBeLessThan(300)
    expect(parts.filter(({ hit }) => hit).map(({ text }) => text)).toEqual(['needle'])
  })
})
