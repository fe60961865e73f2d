import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compareNames, folded } from '../src/folding'
import { excerpt } from '../src/state/excerpt'
import { hasWords, wordsOf } from '../src/state/search'

interface Cases {
  folds: [text: string, fold: string][]
  different: [string, string][]
  found: { text: string; query: string; marked: string[] }[]
  missed: { text: string; query: string }[]
}

/** The backend must give the same. */
const cases = JSON.parse(
  readFileSync(new URL('../../tests/folding/cases.json', import.meta.url), 'utf8'),
) as Cases

const markedIn = (text: string, query: string): string[] =>
  excerpt(text, query)
    .filter(({ hit }) => hit)
    .map((part) => part.text)

test.each(cases.folds)('%j is looked for as %j', (text, fold) => {
  expect(folded(text)).toBe(fold)
  expect(folded(text.normalize('NFC'))).toBe(fold)
  expect(folded(text.normalize('NFD'))).toBe(fold)
  expect(folded(fold)).toBe(fold)
})

test.each(cases.different)('%j is not %j', (one, other) => {
  expect(folded(one)).not.toBe(folded(other))
})

test.each(cases.found)('in $text one finds $query, and $marked are marked', ({ text, query, marked }) => {
  expect(hasWords(text, query)).toBe(true)
  expect(markedIn(text, query)).toEqual(marked)
})

test.each(cases.missed)('in $text nothing is marked for $query', ({ text, query }) => {
  expect(markedIn(text, query)).toEqual([])
})

describe('an excerpt', () => {
  const signs = ['a', 'ß', 'e\u0301', 'ﬁ', '👩‍👧‍👦', '🇩🇪', '❤️', 'İ', ' ', 'b', '\u00ad', '한', '🎉']
  let seed = 11
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
  const charactersOf = (text: string): string[] =>
    Array.from(new Intl.Segmenter('en').segment(text), ({ segment }) => segment)
  const made = (most: number): string[] =>
    Array.from({ length: 1 + next(most) }, () => signs[next(signs.length)] ?? '')

  test('has whole characters only, and what is marked has what was looked for', () => {
    for (let time = 0; time < 200; time++) {
      const message = made(500)
      const text = message.join('')
      const query = made(3).join('')
      const parts = excerpt(text, query)
      const shown = parts.map((part) => part.text).join('')
      const inside = shown.replace(/^…/u, '').replace(/…$/u, '')
      expect(text).toContain(inside)
      const characters = new Set([...charactersOf(text), '…'])
      const whole = parts.flatMap((part) => charactersOf(part.text))
      expect(whole.filter((character) => !characters.has(character))).toEqual([])
      // The last may be cut.
      const hits = parts.slice(0, -2).filter(({ hit }) => hit)
      const words = wordsOf(query)
      expect(hits.filter((part) => !words.some((word) => folded(part.text).includes(word)))).toEqual([])
    }
  })

  test('begins and ends with no half of an emoji, and no letter without its accent', () => {
    for (let before = 50; before < 80; before++) {
      const [dots, ...rest] = excerpt(
        `${'👨‍👩‍👧'.repeat(before)}e\u0301 needle ${'e\u0301'.repeat(300)}`,
        'needle',
      )
      expect(dots?.text).toBe('…')
      const shown = rest.map(({ text }) => text).join('')
      expect(shown).toMatch(/^(?:👨‍👩‍👧)+e\u0301 needle (?:e\u0301)+…$/u)
    }
  })

  test('of signs piled on one letter is not all of them', () => {
    const shown = excerpt(`needle a${'\u0301'.repeat(3_000)}`, 'needle')
      .map(({ text }) => text)
      .join('')
    expect(shown.length).toBeLessThan(400)
  })
})

test('names are in one order whatever the browser speaks', () => {
  const names = ['Zoë', 'Team 10', 'änne', 'Team 2', 'Anna', 'Ørsted', 'Zoe', 'Otto']
  expect(names.sort(compareNames)).toEqual([
    'Anna',
    'änne',
    'Ørsted',
    'Otto',
    'Team 2',
    'Team 10',
    'Zoe',
    'Zoë',
  ])
})
