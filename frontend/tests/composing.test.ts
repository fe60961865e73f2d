import { describe, expect, test } from 'vitest'
import { isFewEmoji } from '../src/emoji/fewEmoji'
import { enterSends, shows, tidy } from '../src/state/composing'

test('control characters pasted along are left out, tabs and line breaks stay', () => {
  expect(tidy(' a\0b\u0085\tc\nd\u007f ')).toBe(' ab\tc\nd')
  expect(tidy('half \ud800 of a pair, whole 😀')).toBe('half  of a pair, whole 😀')
})

test('the spaces that the first line begins with stay; lines with nothing in them around a text go', () => {
  expect(tidy('    if x:\n        y()\n')).toBe('    if x:\n        y()')
  expect(tidy('\n  \n\tx\n \n')).toBe('\tx')
  expect(tidy(' \n ')).toBe('')
  expect(isFewEmoji(tidy(' 👍 '))).toBe(true)
})

test('a text of nothing to see is not sent', () => {
  for (const nothing of ['', '   ', '\u200b', '\u3164', '\u2800\n']) expect(shows(nothing)).toBe(false)
  for (const something of ['a', '۳', '…', '👍', '+']) expect(shows(something)).toBe(true)
})

describe('Enter', () => {
  const keys = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false }
  const sends = (before: string, more = {}, byTouch = false): boolean =>
    enterSends({ ...keys, ...more }, before, byTouch)

  test.each(['hello', '', '`x', 'it`s', '```\ncode\n```', '```js\na\n```\n', '~~~\na\n~~~', '```code```'])(
    'sends behind %j',
    (before) => expect(sends(before)).toBe(true),
  )

  test.each([
    '```',
    '```js',
    '```js\nlet a',
    'look:\n```\na',
    '   ~~~\na\n```',
    '````\na\n```',
    '- ```\n  a',
    '> ```\n> a',
    'look: ``` a',
    'look: ```\na\n\nb',
    '```\na\n```\n~~~',
  ])('begins a new line in the code of %j', (before) => expect(sends(before)).toBe(false))

  test.each(['look: ```\na\n```', '> ```\n> a\nover', '```\n> a\n```', '``` a\nb ```'])(
    'sends once the code is over: %j',
    (before) => expect(sends(before)).toBe(true),
  )

  test('sends with Ctrl or the command key anywhere, and never with Shift', () => {
    expect(sends('```\na', { ctrlKey: true })).toBe(true)
    expect(sends('```\na', { metaKey: true })).toBe(true)
    expect(sends('hello', { shiftKey: true })).toBe(false)
  })

  test('of a keyboard on the screen begins a new line', () => {
    expect(sends('hello', {}, true)).toBe(false)
    expect(sends('hello', { ctrlKey: true }, true)).toBe(true)
  })
})
