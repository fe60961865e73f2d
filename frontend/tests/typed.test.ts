/** What a person typed is what others read, in a message and in a line of it. */
import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { createFormat } from '../src/markdown/format'
import { MessageTexts } from '../src/markdown/messageTexts'
import { markdownToHtml } from '../src/markdown/render'
import { FakeClock } from './fakes'

const window = new JSDOM('').window as unknown as Window & typeof globalThis
const texts = new MessageTexts(window, () => Promise.resolve(createFormat(window)), new FakeClock())
await texts.prepare()

function shown(text: string): HTMLElement {
  const element = window.document.createElement('div')
  element.append(texts.nodes(text, []))
  return element
}

const wordsOf = (text: string): string => text.replace(/\s+/gu, ' ').trim()

describe('is read as it was typed', () => {
  test.each([
    '1986. What a year',
    '2. Mai passt mir',
    '2024. A year\n2025. Another',
    '1) first\n3) third',
    '007. Bond',
    '1234567890. more digits than a list has',
    '0. nothing',
    '1. a\n1. b',
    '1.',
    '1986.',
    '+ 1 for pizza',
    '+1',
    '-',
    '*',
    '# hashtag',
    '#hashtag',
    'no\n===',
    'no\n---',
    '---',
    '___',
    '***',
    '[ ] todo',
    '[x]: https://example.org "title"',
    '<tags> & </tags>',
    '&amp; &#65; &#x41; &nbsp;',
    '3*4*5 = 60 and a*b*c',
    '2**3**4',
    'src/**/*.ts and test/**/*.ts',
    'from 5~10 to 6~8',
    'snake_case_name',
    '__init__.py',
    '¯\\_(ツ)_/¯',
    'C:\\_temp\\*.txt',
    '\\\\server\\share \\# \\> \\[',
    'a path\\\nand more',
    '>:( >_< >.<',
    'Ada <ada@example.org>, <https://example.org>',
    '>5 people',
    '>>>',
    '> said',
    '[words](https://example.org "seen by nobody")',
    '[](https://example.org)',
    '    four spaces',
    '1. a\nb\n2. c',
    '~5 or ~6',
    'https://example.org/a*b*c_d_e',
  ])('%j', (text) => {
    expect(wordsOf(texts.words(text))).toBe(wordsOf(text))
    const withoutQuote = wordsOf(text).replace(/^> (?=said)/u, '')
    expect(wordsOf(shown(text).textContent)).toBe(withoutQuote)
  })

  test('the sign of an item stands before its words, also where items are apart', () => {
    const [first, second] = shown('1. a\n\n2. b\n\n   c').querySelectorAll('li')
    expect(first?.innerHTML).toBe('<span>1. </span>a')
    expect(second?.innerHTML).toBe('<span>2. </span>b<p>c</p>')
  })

  test('a line break is one, with the spaces that follow', () => {
    expect(shown('*a*\n   b\n\tc').textContent.trim()).toBe('a\n   b\n\tc')
  })

  test('code keeps what stands in its first line, unless it names a language', () => {
    expect(texts.words('```SELECT name\nFROM people\n```')).toBe('SELECT name\nFROM people')
    expect(texts.words('```fix this\nx\n```')).toBe('fix this\nx')
    expect(texts.words('```sql\nSELECT\n```')).toBe('SELECT')
  })

  test('what is written below a quote or a list is no part of it', () => {
    expect(shown('> said\nanswered').querySelector('blockquote')?.textContent.trim()).toBe('said')
    expect(shown('- item\nmore').querySelector('ul')?.textContent.trim()).toBe('– item')
    expect(shown('- item\n  more').querySelector('ul')?.textContent.trim()).toBe('– item\nmore')
  })
})

describe('emphasis', () => {
  test.each([
    ['**bold**ly', 'strong'],
    ['(*aside*)', 'em'],
    ['„**quoted**“', 'strong'],
    ['这是**重点**内容', 'strong'],
    ['*a* and *b*.', 'em'],
    ['_under_', 'em'],
    ['__two words__', 'strong'],
    ['~~gone~~', 'del'],
    ['~gone~', 'del'],
    ['***both***', 'strong'],
  ])('is what looks like it: %s', (text, tag) => {
    expect(shown(text).querySelector(tag)).not.toBeNull()
  })

  test('can be kept from being one by a backslash, which stays', () => {
    expect(shown('\\*a\\*').innerHTML).toBe('<p>\\*a\\*</p>\n')
  })
})

const signs: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** Signs that formatting may take away, or show in another way. */
const marks = /[\s*_~`>•–-]/gu
const parts = [
  ...'a bb 5 1986 2. 3) 007. ß é 🎉 。 „ “ https://example.org/ www.example.org ada@example.org'.split(' '),
  ...'* ** *** _ __ ~ ~~ ` ``` > >> - + # ## \\ \\\\ | < <b> </b> <!-- & &amp; &#65; === --- [ ] ( ) ! : . , ; \' " @'.split(
    ' ',
  ),
  ...[' ', ' ', ' ', '  ', '\n', '\n', '\n\n', '\t', '    '],
]

test('nothing but marks is lost, whatever is typed', () => {
  let seed = 3
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
  const typed = Array.from({ length: 5_000 }, () =>
    Array.from({ length: 1 + next(12) }, () => parts[next(parts.length)]).join(''),
  )
  const unmarked = (text: string): string => text.replace(marks, '')
  const readIn = (text: string): string =>
    markdownToHtml(text)
      .replace(/<[^>]*>/gu, '')
      .replace(/&(amp|lt|gt|quot|#39);/gu, (_, name: string) => signs[name] ?? '')
  expect(typed.filter((text) => unmarked(readIn(text)) !== unmarked(text))).toEqual([])
  // What makes safe nodes of it, and words of these, loses nothing either.
  const some = typed.slice(0, 60)
  expect(some.filter((text) => unmarked(texts.words(text)) !== unmarked(text))).toEqual([])
})
