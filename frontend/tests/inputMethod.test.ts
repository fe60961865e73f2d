import { JSDOM } from 'jsdom'
import { expect, test } from 'vitest'
import { keepKeysForInputMethods } from '../src/keyboard/inputMethod'

/** Which of the listeners between the window and a field hear of a key. */
function heard(key: KeyboardEventInit): string[] {
  const { window } = new JSDOM('<form><input></form>')
  const names: string[] = []
  keepKeysForInputMethods(window)
  const { document } = window
  const input = document.querySelector('input')
  input?.addEventListener('keydown', () => names.push('field'))
  document.addEventListener('keydown', () => names.push('library'), { capture: true })
  window.addEventListener('keydown', () => names.push('shortcut'))
  input?.dispatchEvent(new window.KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...key }))
  return names
}

/** What browsers say of a key while an input method is at work. */
const composing = Object.fromEntries([['keyCode', 229]])

test.each(['Enter', 'Escape', 'ArrowDown', 'Tab', 'k'])('%s is for the page, unless one composes', (key) => {
  expect(heard({ key })).toEqual(['library', 'field', 'shortcut'])
  expect(heard({ key, isComposing: true, ...composing })).toEqual([])
})

test('the Enter that ends a composition in Safari is not for the page either', () => {
  expect(heard({ key: 'Enter', ...composing })).toEqual([])
})
