import { expect, test } from 'vitest'
import german from 'emoji-picker-element-data/de/cldr/data.json'
import english from 'emoji-picker-element-data/en/emojibase/data.json'
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
