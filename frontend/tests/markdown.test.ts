import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { computed } from 'vue'
import type { MentionedName } from '../src/markdown/mentions'
import { MessageTexts } from '../src/markdown/messageTexts'
import { createFormat, type Format } from '../src/markdown/format'
import { escaped, markdownToHtml } from '../src/markdown/render'
import { createSanitizer } from '../src/markdown/sanitize'
import { FakeClock } from './fakes'

const window = new JSDOM('').window as unknown as Window & typeof globalThis
const load = (): Promise<Format> => Promise.resolve(createFormat(window))
const texts = new MessageTexts(window, load, new FakeClock())
await texts.prepare()

function shown(text: string, names: MentionedName[] = []): HTMLElement {
  const element = window.document.createElement('div')
  element.append(texts.nodes(text, names))
  return element
}

const htmlOf = (text: string): string => shown(text).innerHTML.trim()

describe('what people format', () => {
  test.each([
    ['**bold** and *italic*', '<p><strong>bold</strong> and <em>italic</em></p>'],
    ['~~gone~~ `a < b`', '<p><del>gone</del> <code>a &lt; b</code></p>'],
    ['one\ntwo', '<p>one\ntwo</p>'],
    [
      '- one\n- *two*',
      '<ul role="list">\n<li><span>– </span>one</li>\n<li><span>– </span><em>two</em></li>\n</ul>',
    ],
    [
      '- one\n  - two',
      '<ul role="list">\n<li><span>– </span>one<ul role="list">\n<li><span>– </span>two</li>\n</ul></li>\n</ul>',
    ],
    ['3. three', '<ol start="3" role="list">\n<li><span>3. </span>three</li>\n</ol>'],
    ['> said\nanswered', '<blockquote>\n<p>said</p>\n</blockquote>\n<p>answered</p>'],
    ['> said\n\nanswered', '<blockquote>\n<p>said</p>\n</blockquote>\n<p>answered</p>'],
    ['```js\nif (a < b) {}\n```', '<pre tabindex="0"><code>if (a &lt; b) {}</code></pre>'],
    ['- [x] done', '<ul role="list">\n<li>☑ done</li>\n</ul>'],
  ])('%j', (text, html) => {
    expect(htmlOf(text)).toBe(html)
  })

  test.each(['https://example.org/a?b=1&c=2', '[here](https://example.org/a?b=1&c=2)'])(
    'a link opens elsewhere and tells nothing: %s',
    (text) => {
      const link = shown(text).querySelector('a')
      expect(link?.href).toBe('https://example.org/a?b=1&c=2')
      expect(link?.target).toBe('_blank')
      expect(link?.rel).toBe('noopener noreferrer nofollow')
    },
  )

  test('a mail address is a link', () => {
    expect(shown('ada@example.org').querySelector('a')?.href).toBe('mailto:ada@example.org')
  })
})

test.each([
  '# no heading',
  'no\n===',
  '---',
  'first\n\n    indented',
  '| a | b |\n| - | - |\n| c | d |',
  '[a]: https://example.org',
  '![picture](https://example.org/a.png)',
  '<b>tags</b>',
  '&lt; and &amp;',
  'snake_case_names and 2 * 3 * 4',
  'a  b',
])('what is not formatting stays as it was typed: %j', (text) => {
  expect(shown(text).textContent.trimEnd()).toBe(text.trimStart())
  expect(shown(text).querySelector('h1, hr, table, img, b, em')).toBeNull()
})

describe('nothing that is typed can run or load anything', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '<iframe src="https://example.org"></iframe>',
    '<a href="javascript:alert(1)">x</a>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](java\nscript:alert(1))',
    '[x](&#106;avascript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](vbscript:x)',
    '[x](//example.org)',
    '[x](https://example.org"onmouseover="alert(1))',
    '[x](<https://example.org" onmouseover="alert(1)>)',
    '[x](https://example.org "t\\" onclick=alert(1)")',
    '![x](https://example.org/"onerror="alert(1))',
    '![x][y]\n\n[y]: https://example.org/a.png',
    '<https://example.org/"onclick="alert(1)>',
    '`<img src=x onerror=alert(1)>`',
    '```"><img src=x onerror=alert(1)>\n<script>alert(1)</script>\n```',
    '> - <style>@import "https://example.org"</style>',
    '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
    '<!--><img src=x onerror=alert(1)>-->',
    '&lt;img src=x onerror=alert(1)&gt;',
  ]
  const known = 'P STRONG EM DEL CODE PRE A UL OL LI BLOCKQUOTE SPAN'.split(' ')
  const attributes = ['href', 'target', 'rel', 'title', 'start', 'role', 'tabindex']

  test.each(hostile)('%s', (text) => {
    for (const element of shown(text).querySelectorAll('*')) {
      expect(known).toContain(element.tagName)
      for (const { name } of element.attributes) expect(attributes).toContain(name)
      const address = element.getAttribute('href')
      if (address !== null) expect(address).toMatch(/^(https?:\/\/|mailto:)/)
    }
  })

  test('not even if the first library lets it through', () => {
    const html =
      '<img src=x onerror=alert(1)><p style="x" onclick="y" class="z" id="w">a</p><a href="javascript:1">b</a>'
    const element = window.document.createElement('div')
    element.append(createSanitizer(window)(html + '<form><input></form><style>p{}</style>'))
    expect(element.querySelector('img, form, input, style')).toBeNull()
    expect(element.querySelector('p')?.attributes.length).toBe(0)
    expect(element.querySelector('a')?.hasAttribute('href')).toBe(false)
  })
})

describe('what is made to break things', () => {
  test.each([
    ['quotes in quotes', '>'.repeat(4_000) + ' a'],
    ['lists in lists', '- '.repeat(2_000) + 'a'],
    ['quotes in lists', '> - '.repeat(1_000) + 'a'],
    ['emphasis in emphasis', '*a **b '.repeat(500) + '** c*'.repeat(500)],
    ['brackets', '['.repeat(4_000)],
    ['links in the making', '[a]('.repeat(1_000)],
    ['backticks', '`'.repeat(3_999) + ' '],
    ['stars', '*'.repeat(4_000) + 'a'],
    ['a word of 100 kB', 'a'.repeat(100_000)],
    ['marks on a letter', 'a' + '\u0301'.repeat(3_999)],
  ])('is shown, and not deep: %s', (_, text) => {
    const element = shown(text)
    expect(element.textContent).toContain('a'.repeat(Number(text.includes('a'))))
    expect(element.textContent.length).toBeGreaterThan(0)
    let deepest = 0
    for (const leaf of element.querySelectorAll('*')) {
      let depth = 0
      for (let at: Element | null = leaf; at !== null; at = at.parentElement) depth += 1
      deepest = Math.max(deepest, depth)
    }
    expect(deepest).toBeLessThan(30)
  })
})

describe('mentions', () => {
  const marksIn = (text: string, names: MentionedName[]): string[] =>
    [...shown(text, names).querySelectorAll('.mention')].map((mark) => mark.textContent)
  const ann = { name: 'Ann', me: false }
  const annLee = { name: 'Ann Lee', me: true }

  test('are marked wherever they stand, the longer name first', () => {
    expect(marksIn('@Ann and **@Ann Lee**, @Ann', [ann, annLee])).toEqual(['@Ann', '@Ann Lee', '@Ann'])
  })

  test("one's own is marked as such", () => {
    const mine = shown('@Ann Lee @Ann', [ann, annLee]).querySelectorAll('.mention--me')
    expect([...mine].map((mark) => mark.textContent)).toEqual(['@Ann Lee'])
  })

  test('of somebody who is called like others has their mark', () => {
    const two = [
      { ...ann, mark: '#aaaa' },
      { ...ann, me: false, mark: '#bbbb' },
    ]
    const marksIn = (text: string): (string | null)[] =>
      Array.from(shown(text, two).querySelectorAll('.mention'), (one) => one.getAttribute('data-marks'))
    expect(marksIn('@Ann and @Ann')).toEqual(['#aaaa', '#bbbb'])
    expect(marksIn('@Ann')).toEqual(['#aaaa #bbbb'])
    expect(marksIn('@A**n**n')).toEqual([])
    expect(shown('@Ann', [ann]).querySelector('.mention')?.hasAttribute('data-marks')).toBe(false)
  })

  test('are nothing in code, and nothing for names that are not mentioned', () => {
    expect(marksIn('`@Ann` @Bob', [ann])).toEqual([])
  })

  test('cannot bring tags with them', () => {
    const name = '<img src=x>'
    expect(shown(`@${name}`, [{ name, me: false }]).querySelector('img')).toBeNull()
  })
})

describe('in a line', () => {
  test.each([
    ['**Lunch** at `noon`?', 'Lunch at noon?'],
    ['[the menu](https://example.org/menu)', 'the menu'],
    ['> said\n> twice\n\nanswered', '> said\n> twice\nanswered'],
    ['2. Mai passt mir', '2. Mai passt mir'],
    ['- 5 degrees', '– 5 degrees'],
    ['```\nif (a < b) {}\n```', 'if (a < b) {}'],
    ['2 * 3 * 4 <b> &lt;', '2 * 3 * 4 <b> &lt;'],
    ['**', '**'],
  ])('of %j one reads %j', (text, words) => {
    expect(texts.words(text)).toBe(words)
  })

  test('a long text is cut', () => {
    expect(texts.line('**a**'.repeat(3_000))).toBe('**a**'.repeat(40) + '…')
    expect(texts.line(`**${'a'.repeat(300)}**`)).toBe('a'.repeat(200) + '…')
    expect(texts.line('a'.repeat(200))).toBe('a'.repeat(200))
    expect(texts.line('ab🎉c', 3)).toBe('ab…')
  })

  test('a text is read as it was typed until it can be formatted, and then anew', async () => {
    const early = new MessageTexts(window, load, new FakeClock())
    const line = computed(() => early.line('**a**'))
    expect(line.value).toBe('**a**')
    await early.prepare()
    expect(line.value).toBe('a')
  })

  test('a text that is written once waits for its format, but not for long', async () => {
    const early = new MessageTexts(window, load, new FakeClock())
    expect(await early.lineInTime('**a**')).toBe('a')
    const clock = new FakeClock()
    const late = new MessageTexts(window, () => new Promise(() => undefined), clock)
    const line = late.lineInTime('**a**')
    clock.pass(3_000)
    expect(await line).toBe('**a**')
  })
})

test('what is given away is never given twice', () => {
  const first = texts.nodes('**a**', [])
  first.textContent = 'spoilt'
  expect(texts.nodes('**a**', []).textContent.trim()).toBe('a')
})

describe('until what formats is here', () => {
  const clock = new FakeClock()

  test('a text that will look different waits out of sight, any other is shown', async () => {
    const early = new MessageTexts(window, load, clock)
    expect(early.nodes('**a**', []).textContent).toBe('**a**')
    expect(early.waits('**a**')).toBe(true)
    expect(early.waits('Good morning, Ada! It is 12:30 - late. (Half past.) 50% off + tax @ noon')).toBe(
      false,
    )
    await early.prepare()
    expect(early.waits('**a**')).toBe(false)
    expect(early.nodes('**a**', []).textContent.trim()).toBe('a')
  })

  test('nothing is asked for by a text that needs no format', () => {
    const plain = new MessageTexts(window, () => Promise.reject(new Error('asked for')), clock)
    plain.nodes('Just words: nothing else.', [])
    expect(plain.waits('**a**')).toBe(true)
  })

  test('texts are shown as they were typed when it does not come, and once it is late', async () => {
    const failing = new MessageTexts(window, () => Promise.reject(new Error('away')), clock)
    await failing.prepare()
    expect(failing.waits('**a**')).toBe(false)
    const late = new MessageTexts(window, () => new Promise(() => undefined), clock)
    void late.prepare()
    clock.pass(2_999)
    expect(late.waits('**a**')).toBe(true)
    clock.pass(1)
    expect(late.waits('**a**')).toBe(false)
  })

  test('whatever is not said to wait looks the same with and without it', () => {
    const early = new MessageTexts(window, load, clock)
    const parts = 'a 1 . ) - + : / // @ www http ftp mailto: # = | &amp; !'.split(' ').concat(' ', '\n', '\t')
    let seed = 7
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
    const words = (text: string): string => text.replace(/\s+/gu, ' ').trim()
    const texts = Array.from({ length: 50_000 }, () =>
      Array.from({ length: 1 + next(8) }, () => parts[next(parts.length)]).join(''),
    )
    const unformatted = texts.filter((text) => !early.waits(text))
    const different = unformatted.filter((text) => {
      const withoutParagraphs = markdownToHtml(text).replace(/<\/?p>/gu, '')
      return words(withoutParagraphs) !== words(escaped(text))
    })
    expect(different).toEqual([])
    expect(unformatted.length).toBeGreaterThan(10_000)
  })
})
