/**
 * What a key means that is pressed anywhere on the page. Letters, digits and signs belong to the message that is being
 * written; what leads elsewhere takes a modifier, so that neither a word nor speech input triggers it (WCAG 2.1.4).
 */
export type Shortcut = 'switcher' | 'list' | 'search' | 'newChat'

/** Pressed with Control, on a Mac with Command; those with a capital letter also with Shift. */
const shortcuts: Readonly<Record<string, Shortcut>> = {
  k: 'switcher',
  '/': 'list',
  F: 'search',
  O: 'newChat',
}

export const isMac = (platform: string): boolean => platform.startsWith('Mac')

/** The Latin letter on the key, also where the keyboard writes another script. */
function letterOf({ key, code }: KeyboardEvent): string {
  if (/^[!-~]$/u.test(key)) return key.toLowerCase()
  return code === 'Slash' ? '/' : code.replace(/^Key/u, '').toLowerCase()
}

export function shortcutOf(event: KeyboardEvent, platform: string): Shortcut | null {
  // Control and a letter edit text on a Mac: with K the rest of the line goes.
  const [wanted, other] = isMac(platform) ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey]
  if (!wanted || other || event.altKey) return null
  const letter = letterOf(event)
  // On some keyboards the slash itself takes Shift.
  return shortcuts[event.shiftKey && letter !== '/' ? letter.toUpperCase() : letter] ?? null
}

/** Whether the key writes something. Not so the space: it scrolls, and presses buttons. */
export function writes(event: KeyboardEvent, platform: string): boolean {
  if (event.metaKey) return false
  // AltGr is told as Control and Alt on Windows; Option writes signs on a Mac.
  const signs = event.getModifierState('AltGraph') || (isMac(platform) && !event.ctrlKey)
  if ((event.ctrlKey || event.altKey) && !signs) return false
  return event.key === 'Dead' || /^\S$/u.test(event.key)
}

export const isField = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null

/** While a dialog or menu is open, keys are its own. */
export const isCovered = (): boolean => document.querySelector('[role$="dialog"], [role="menu"]') !== null
