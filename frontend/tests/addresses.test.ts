import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { createFormat } from '../src/markdown/format'

const window = new JSDOM('').window as unknown as Window & typeof globalThis
const format = createFormat(window)

const linksIn = (text: string): string[] =>
  Array.from(format(text).querySelectorAll('a'), (link) => link.textContent)

const address = 'https://example.com/q'

describe('what stands around an address is no part of it', () => {
  test.each([
    ...[
      '„X“',
      '“X”',
      '»X«',
      '«X»',
      '‹X›',
      '‚X‘',
      '‘X’',
      '"X"',
      "'X'",
      '『X』',
      '「X」',
      '《X》',
      '（X）',
      '(X)',
      '[X]',
      '{X}',
    ],
    ...[
      'X.',
      'X,',
      'X;',
      'X:',
      'X!',
      'X?',
      'X…',
      'X...',
      'X。',
      'X、',
      'X！',
      'X？',
      'X。次の文',
      'X、そして',
      'X“is said',
      'X)and',
    ],
    ...[
      '*X*',
      '**X**',
      '_X_',
      '~~X~~',
      'X*',
      'X_',
      '(see X).',
      '(„X“)',
      'X –',
      'X—',
      '> X',
      '- X',
      '1. X,',
      'X؟',
      'X،',
      'X।',
    ],
  ])('%s', (sentence) => {
    expect(linksIn(sentence.replace('X', address))).toEqual([address])
    expect(format(sentence.replace('X', address)).textContent).toContain(address)
  })
})

describe('what belongs to an address is in it', () => {
  test.each([
    'https://en.wikipedia.org/wiki/Python_(programming_language)',
    'https://en.wikipedia.org/wiki/Foo_(a_(b))',
    'https://zh.wikipedia.org/wiki/上海（市）',
    'https://fr.wikipedia.org/wiki/L’Équipe',
    'https://de.wikipedia.org/wiki/Übung',
    'https://münchen.de',
    'https://übung.de/straße?a=ü#ß',
    'https://例え.jp/道',
    'https://example.com/a_b_c*d*e~f',
    'https://example.com/?a=1&b=2&copy=3',
    'https://example.com/a;b,c:d.html',
    'https://example.com/#/a/',
    'https://example.com/a-',
    'https://example.com/[id]',
    'http://localhost:3000/x',
    'http://192.168.1.1:8080',
    'HTTPS://EXAMPLE.COM',
    'www.example.com/a',
    'www.münchen.de',
    'ada@example.org',
    'ada.love+lace@mail.example.org',
    'müller@example.org',
    'info@müller.de',
    'mailto:ada@example.org',
  ])('%s', (whole) => {
    expect(linksIn(whole)).toEqual([whole])
    expect(linksIn(`Da: „${whole}“, (${whole}).`)).toEqual([whole, whole])
  })
})

test.each([
  'https://',
  'https://…',
  'www.',
  'www.example',
  'awww.so cute',
  'a@b',
  '@ada',
  'ada@',
  'ftp://example.org/a',
  'javascript:alert(1)',
  'http:example.org',
  'example.org',
])('no link: %s', (text) => {
  expect(linksIn(text)).toEqual([])
  expect(format(text).textContent.trim()).toBe(text)
})

test('a www address is led to by http, as browsers do, and a mail address to a new mail', () => {
  const hrefs = Array.from(
    format('www.example.org ada@example.org').querySelectorAll('a'),
    ({ href }) => href,
  )
  expect(hrefs).toEqual(['http://www.example.org/', 'mailto:ada@example.org'])
})
