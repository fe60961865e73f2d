/** What a text has to be before it is sent, as the backend sees it (docs/protocol.md, limits), and by which keys it is. */
import { endsInOpenFence } from '../markdown/verbatim'
import { messageCharacters } from '../wire/limits'

/** Control characters but tab and line breaks, which come along when text is pasted from elsewhere. */
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\p{Cs}/gu

/** Letters, numbers, punctuation or symbols, without those that show nothing. */
const visible = /(?![\u115f\u1160\u3164\uffa0\u2800])[\p{L}\p{N}\p{P}\p{S}]/u

/** Lines before the first with something in them; the spaces it begins with stay, since they may be those of code. */
const emptyBeginning = /^(?:[^\S\n]*\n)+/

export const tidy = (text: string): string => text.replace(control, '').replace(emptyBeginning, '').trimEnd()

/** Whether a reader would see anything. */
export const shows = (text: string): boolean => visible.test(text)

/** As the backend counts them. Only near the limit it has to be exact: typing must not wait for counting. */
export const charactersIn = (text: string): number =>
  text.length < messageCharacters / 2 ? text.length : Array.from(text).length

/**
 * Whether this Enter sends, rather than begins a new line.
 *
 * @param before the text before the caret. In a fenced block of code lines go on until it is closed.
 * @param byTouch a keyboard on the screen has no Shift+Enter; there the button sends, as in other chats on phones.
 */
export function enterSends(
  { ctrlKey, metaKey, shiftKey, altKey }: Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>,
  before: string,
  byTouch: boolean,
): boolean {
  if (ctrlKey || metaKey) return true
  return !shiftKey && !altKey && !byTouch && !endsInOpenFence(before)
}
