import { describe, expect, test } from 'vitest'
import german from 'emoji-picker-element-data/de/cldr/data.json'
import english from 'emoji-picker-element-data/en/emojibase/data.json'
import { isFewEmoji } from '../src/emoji/fewEmoji'
import { groups, readEmojiList } from '../src/emoji/emojiList'
import { findEmoji } from '../src/emoji/findEmoji'

const list = readEmojiList(english)

test.each([
  ['English', english],
  ['German', german],
])('every group has emoji in the %s data', (_, data) => {
  const read = readEmojiList(data)
  for (const group of groups) expect(read.filter((emoji) => emoji.group === group).length).toBeGreaterThan(50)
})

const found = (data: unknown, query: string): string[] =>
  findEmoji(readEmojiList(data), query).map(({ emoji }) => emoji)

describe('the one that is meant comes first', () => {
  test.each(
    Object.entries({
      fire: '🔥',
      heart: '❤️',
      HEART: '❤️',
      sun: '☀️',
      'birthday cake': '🎂',
      cake: '🎂',
      party: '🎉',
      'thumbs up': '👍',
      laugh: '😂',
      sob: '😭',
      love: '❤️',
      eyes: '👀',
      ok: '👌',
      pray: '🙏',
      clap: '👏',
      rocket: '🚀',
      smile: '😄',
      coffee: '☕',
      beer: '🍺',
      dog: '🐶',
      car: '🚗',
      check: '✅',
      wave: '👋',
      think: '🤔',
      '100': '💯',
      skull: '💀',
      rose: '🌹',
      'broken heart': '💔',
      ':fire:': '🔥',
      thumbs_up: '👍',
      '<3': '❤️',
      piñata: '🪅',
      pinata: '🪅',
      fir: '🔥',
      hea: '❤️',
    }),
  )('%s: %s', (query, emoji) => {
    expect(found(english, query)[0]).toBe(emoji)
  })

  test.each(
    Object.entries({
      feuer: '🔥',
      Herz: '❤️',
      sonne: '☀️',
      'daumen hoch': '👍',
      lachen: '😂',
      weinen: '😭',
      augen: '👀',
      kaffee: '☕',
      bier: '🍺',
      rakete: '🚀',
      hund: '🐕',
      auto: '🚗',
      applaus: '👏',
      küssen: '😘',
      kussen: '😘',
      'gebrochenes herz': '💔',
      erdbeere: '🍓',
      Fußball: '⚽',
      fussball: '⚽',
      FUSSBALL: '⚽',
      kase: '🧀',
    }),
  )('in German, %s: %s', (query, emoji) => {
    expect(found(german, query)[0]).toBe(emoji)
  })

  test('then those that begin so, then those that have it in them', () => {
    const sun = found(english, 'sun')
    expect(sun.indexOf('🌞')).toBeLessThan(sun.indexOf('🌻'))
    expect(sun.indexOf('🌻')).toBeLessThan(20)
    expect(found(english, 'no such thing at all')).toEqual([])
  })
})

test('what cannot be read is left out', () => {
  expect(readEmojiList({})).toEqual([])
  expect(readEmojiList([null, { emoji: '🎂' }, { emoji: '🎂', annotation: 'cake', group: 4 }])).toHaveLength(
    1,
  )
})

test('each is offered as the backend keeps it: with U+FE0F where it would be a letter without, nowhere else', () => {
  const letter = /(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu
  const asKept = (emoji: string): string => emoji.replaceAll('\uFE0F', '').replace(letter, '$&\uFE0F')
  const other = list.filter(({ emoji }) => emoji !== asKept(emoji)).map(({ emoji }) => emoji)
  expect(other).toEqual([])
  expect(['❤️', '👍', '😐'].every((one) => list.some(({ emoji }) => emoji === one))).toBe(true)
})

test.each(['😀', '👍🎉', '❤️ 👩‍👩‍👧 🇩🇪', '👋🏽', '🤷‍♂️', '🎂\n🎂'])('%s is shown large', (text) => {
  expect(isFewEmoji(text)).toBe(true)
})

test.each(['', ' ', 'ok', '1', '12', '#', '©', '😀!', 'no 😀', '😀😀😀😀', '❤'])(
  '%j is shown like any text',
  (text) => {
    expect(isFewEmoji(text)).toBe(false)
  },
)
