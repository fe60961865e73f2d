import { JSDOM } from 'jsdom'
import { expect, test } from 'vitest'
import { shortcutOf, writes } from '../src/keys'

const { window } = new JSDOM()
const pressed = (key: string, rest: KeyboardEventInit = {}): KeyboardEvent =>
  new window.KeyboardEvent('keydown', { key, ...rest })

test.each(['n', 'N', '/', '?', 'k', 'ä', '1', 'Enter', 'Escape', ' '])('%s alone leads nowhere', (key) => {
  expect(shortcutOf(pressed(key))).toBeNull()
  expect(shortcutOf(pressed(key, { shiftKey: true }))).toBeNull()
})

test.each(['ctrlKey', 'metaKey'])('with %s letters lead somewhere', (modifier) => {
  expect(shortcutOf(pressed('k', { [modifier]: true }))).toBe('switcher')
  expect(shortcutOf(pressed('F', { [modifier]: true, shiftKey: true }))).toBe('search')
  expect(shortcutOf(pressed('O', { [modifier]: true, shiftKey: true }))).toBe('newChat')
  expect(shortcutOf(pressed('/', { [modifier]: true }))).toBe('list')
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
