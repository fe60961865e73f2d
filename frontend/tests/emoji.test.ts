import { expect, test } from 'vitest'
import german from 'emoji-picker-element-data/de/cldr/data.json'
import english from 'emoji-picker-element-data/en/emojibase/data.json'
import { isFewEmoji } from '../src/emoji/fewEmoji'
import { findEmoji, groups, readEmojiList } from '../src/emoji/emojiList'

const list = readEmojiList(english)

test.each([
  ['English', english],
  ['German', german],
])('every group has emoji in the %s data', (_, data) => {
  const read = readEmojiList(data)
  for (const group of groups) expect(read.filter((emoji) => emoji.group === group).length).toBeGreaterThan(50)
})

test('one is found by its name first, then by what else it is called', () => {
  expect(findEmoji(list, 'birthday cake')[0]?.emoji).toBe('🎂')
  expect(findEmoji(list, 'HEART').map(({ emoji }) => emoji)).toContain('❤️')
  expect(findEmoji(list, 'no such thing at all')).toEqual([])
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
