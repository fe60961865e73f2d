import { JSDOM } from 'jsdom'
import { expect, test } from 'vitest'
import { shortcutOf as shortcutOn, writes } from '../src/keyboard/keys'

const { window } = new JSDOM()
const pressed = (key: string, rest: KeyboardEventInit = {}): KeyboardEvent =>
  new window.KeyboardEvent('keydown', { key, ...rest })

const shortcutOf = (event: KeyboardEvent, platform = 'Win32') => shortcutOn(event, platform)

test.each(['n', 'N', '/', '?', 'k', 'ä', '1', 'Enter', 'Escape', ' '])('%s alone leads nowhere', (key) => {
  expect(shortcutOf(pressed(key))).toBeNull()
  expect(shortcutOf(pressed(key, { shiftKey: true }))).toBeNull()
})

test.each([
  ['ctrlKey', 'Win32'],
  ['ctrlKey', 'Linux x86_64'],
  ['metaKey', 'MacIntel'],
])('with %s letters lead somewhere on %s', (modifier, platform) => {
  const leadsTo = (key: string, shiftKey = false): unknown =>
    shortcutOf(pressed(key, { [modifier]: true, shiftKey }), platform)
  expect(leadsTo('k')).toBe('switcher')
  expect(leadsTo('F', true)).toBe('search')
  expect(leadsTo('O', true)).toBe('newChat')
  expect(leadsTo('/')).toBe('list')
})

test("Control edits text on a Mac, and the Windows key is the system's", () => {
  expect(shortcutOf(pressed('k', { ctrlKey: true }), 'MacIntel')).toBeNull()
  expect(shortcutOf(pressed('O', { ctrlKey: true, shiftKey: true }), 'MacIntel')).toBeNull()
  expect(shortcutOf(pressed('k', { metaKey: true }), 'Win32')).toBeNull()
})

test('what the browser does with a letter, it goes on doing', () => {
  for (const key of ['f', 'o', 'n', 'c', 'v']) expect(shortcutOf(pressed(key, { ctrlKey: true }))).toBeNull()
  expect(shortcutOf(pressed('K', { ctrlKey: true, shiftKey: true }))).toBeNull()
})

test('the slash is found where it takes Shift, and letters on keyboards of other scripts', () => {
  expect(shortcutOf(pressed('/', { ctrlKey: true, shiftKey: true, code: 'Digit7' }))).toBe('list')
  expect(shortcutOf(pressed('л', { ctrlKey: true, code: 'KeyK' }))).toBe('switcher')
  expect(shortcutOf(pressed('Щ', { ctrlKey: true, shiftKey: true, code: 'KeyO' }))).toBe('newChat')
})

test.each(['a', 'Z', 'ß', 'л', '你', '7', '?', '/', '@', '😀', 'Dead'])('%s writes', (key) => {
  expect(writes(pressed(key), 'Linux x86_64')).toBe(true)
  expect(writes(pressed(key, { shiftKey: true }), 'Win32')).toBe(true)
})

test.each([' ', 'Enter', 'Tab', 'Escape', 'ArrowUp', 'F8', 'Shift', 'Backspace', 'Delete'])(
  '%s does not',
  (key) => {
    expect(writes(pressed(key), 'Linux x86_64')).toBe(false)
  },
)

test('with a modifier nothing is written, but for the signs that take one', () => {
  expect(writes(pressed('c', { ctrlKey: true }), 'Win32')).toBe(false)
  expect(writes(pressed('v', { metaKey: true }), 'MacIntel')).toBe(false)
  expect(writes(pressed('f', { altKey: true }), 'Win32')).toBe(false)
  expect(writes(pressed('@', { altKey: true }), 'MacIntel')).toBe(true)
  const altGr = { ctrlKey: true, altKey: true, modifierAltGraph: true }
  expect(writes(pressed('@', altGr), 'Win32')).toBe(true)
})
