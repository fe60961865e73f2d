import { expect, test } from 'vitest'
import { shows, tidy } from '../src/state/composing'

test('control characters pasted along are left out, tabs and line breaks stay', () => {
  expect(tidy(' a\0b\u0085\tc\nd\u007f ')).toBe('ab\tc\nd')
  expect(tidy('half \ud800 of a pair, whole 😀')).toBe('half  of a pair, whole 😀')
})

test('a text of nothing to see is not sent', () => {
  for (const nothing of ['', '   ', '\u200b', '\u3164', '\u2800\n']) expect(shows(nothing)).toBe(false)
  for (const something of ['a', '۳', '…', '👍', '+']) expect(shows(something)).toBe(true)
})
