/**
 * Keys that belong to an input method, by which Japanese, Chinese, Korean and accented letters are written: its Enter
 * takes a suggestion, its Escape refuses it, its arrows choose among them. None of them is meant for the page.
 */

/**
 * Safari ends a composition before it tells of the key that ended it, so `isComposing` is false by then; the key code
 * 229 is what is left to say so, there and in every other browser (UI Events, "keyCode" while an input method is at work).
 */
// Nothing that is not deprecated says so.
// eslint-disable-next-line @typescript-eslint/no-deprecated
export const belongsToInputMethod = ({ isComposing, keyCode }: KeyboardEvent): boolean =>
  isComposing || keyCode === 229

/** Ends the way of such keys before anybody hears of them, us or a library: so no field can forget to ask. */
export function keepKeysForInputMethods(window: EventTarget): void {
  const keep = (event: Event): void => {
    if (belongsToInputMethod(event as KeyboardEvent)) event.stopImmediatePropagation()
  }
  window.addEventListener('keydown', keep, { capture: true })
}
