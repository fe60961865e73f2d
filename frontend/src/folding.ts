/**
 * What of a text counts when words are looked for: not case, accents, or which of several ways a letter was written; the
 * browser's language changes nothing. The backend folds by the same rule (shared/model/text/folding.py, which says why each sign is
 * in it); tests/folding/cases.json is what both must give. Each character is folded for itself.
 */

/** Marks upon letters, and signs that show nothing. */
const leftOut =
  /[\xad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\u{e0000}-\u{e0fff}]/gu

const from = 'øðđłħŋŧĸəƀɓƈɗƒɠǥɨɉƙƚɲƥɍƭʉƴɏƶȥⱥȼɇⱦȷςىیکہ’‘‛ʼʹʻ´′‐‑‒–—―−'
const to = "oddlhntqebbcdfggijklnprtuyyzzacetjσييكه''''''''-------"
const instead = new Map(Array.from(from, (sign, place) => [sign, to.charAt(place)]))
instead.set('æ', 'ae').set('œ', 'oe').set('þ', 'th')

const insteadOf = (sign: string): string => instead.get(sign) ?? sign

/** Of one code point. */
export function foldedSign(sign: string): string {
  const parts = insteadOf(sign).normalize('NFKD').replace(leftOut, '')
  // Upper case has one form where lower case has several: of s, of sigma, of i.
  return Array.from(parts.toLowerCase().toUpperCase().toLowerCase(), insteadOf).join('')
}

/** The text without what makes no difference; the same for two texts that differ only in that. */
export const folded = (text: string): string => text.toLowerCase().replace(/[^\0-\x7f]/gu, foldedSign)

/** Names in the order of an alphabet, the same in every browser; numbers in them by their value. */
export const { compare: compareNames } = new Intl.Collator('en', { numeric: true })
