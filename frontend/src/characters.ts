/**
 * Texts are cut between the characters that a reader sees: an emoji of seven code points is one, and a letter with its
 * accents. Places are code units, as everywhere in a string. The backend's rule is in shared/model/text/characters.py.
 */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What is longer is a pile of marks, in which one may cut; the longest emoji has 35. */
const longestCharacter = 64

/** The character that covers this place; null behind the end. */
export function characterAt(text: string, at: number): { from: number; to: number } | null {
  const found = segmenter.segment(text).containing(at)
  return found ? { from: found.index, to: found.index + found.segment.length } : null
}

/** The last place up to `at` where one may cut. */
export function boundaryBefore(text: string, at: number): number {
  const from = characterAt(text, at)?.from ?? text.length
  if (at - from <= longestCharacter) return from
  return isLowHalf(text, at) ? at - 1 : at
}

const isLowHalf = (text: string, at: number): boolean => (text.codePointAt(at - 1) ?? 0) > 0xffff

/** The text, or its beginning and dots where it has more than `longest` code units. */
export function cut(text: string, longest: number): string {
  return text.length <= longest ? text : text.slice(0, boundaryBefore(text, longest)) + '…'
}

/** The first character. */
export const firstCharacter = (text: string): string => text.slice(0, characterAt(text, 0)?.to)
