/**
 * Writes into a text field in place of the user, so that undo takes it back as if they had typed it. Only `execCommand`
 * writes into the browser's own history of a field: setting its value or `setRangeText` throws that history away, and a
 * history of ours would not know what the browser, an input method or dictation did. It is deprecated, and still in every
 * browser. Whoever listens for input hears of it either way.
 */
export function insertText(area: HTMLTextAreaElement, from: number, to: number, text: string): void {
  area.focus()
  area.setSelectionRange(from, to)
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  if (document.execCommand('insertText', false, text)) return
  area.setRangeText(text, from, to, 'end')
  area.dispatchEvent(
    new InputEvent('input', { bubbles: true, inputType: 'insertReplacementText', data: text }),
  )
}
