import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { createFormat } from '../src/markdown/format'
import { MessageTexts } from '../src/markdown/messageTexts'
import { markdownToHtml } from '../src/markdown/render'
import { FakeClock } from './fakes'

const window = new JSDOM('').window as unknown as Window & typeof globalThis
let formatted = 0
const format = createFormat(window)
const counting = (text: string): DocumentFragment => (formatted++, format(text))
const texts = new MessageTexts(window, () => Promise.resolve(counting), new FakeClock())
await texts.prepare()

function shown(text: string): HTMLElement {
  const element = window.document.createElement('div')
  element.append(texts.nodes(text, []))
  return element
}

const reading = (text: string): string => shown(text).textContent.trim()

describe('what would load or run something is the text that was typed', () => {
  test.each([
    '<link rel="stylesheet" href="https://example.org/a.css">',
    '<style>*{background:url(https://example.org/a)}</style>',
    '<base href="https://example.org/">',
    '<meta http-equiv="refresh" content="0;url=https://example.org">',
    '<object data="https://example.org/a.swf"></object>',
    '<embed src="https://example.org/a">',
    '<video autoplay src="https://example.org/a"></video>',
    '<audio autoplay onplay=alert(1)></audio>',
    '<svg><use href="https://example.org/a.svg#x"/></svg>',
    '<svg><foreignObject><iframe srcdoc="x"></iframe></foreignObject></svg>',
    '<math href="javascript:alert(1)">x</math>',
    '<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>',
    '<template><script>alert(1)</script></template>',
    '<details open ontoggle=alert(1)>x</details>',
    '<p style="position:fixed;inset:0">x</p>',
    '<a href="data:text/html,x" download>x</a>',
    '<form action="https://example.org"><button formaction="javascript:alert(1)">x</button></form>',
    '![x](https://example.org/a.png)',
    '![x](data:image/svg+xml,<svg/onload=alert(1)>)',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '[x](blob:https://example.org/1)',
    '[x](file:///etc/passwd)',
    '[x](\u0001javascript:alert(1))',
    '[x](javascript&colon;alert(1))',
  ])('%s', (text) => {
    expect(reading(text)).toBe(text)
    // An address in it is a link like any other, for whoever wants to go there.
    for (const { tagName, attributes } of shown(text).querySelectorAll('*')) {
      expect(['P', 'A']).toContain(tagName)
      expect(attributes.getNamedItem('href')?.value ?? 'https://').toMatch(/^https?:\/\//)
      expect(attributes.length).toBe(tagName === 'A' ? 4 : 0)
    }
  })
})

describe('signs from all over are neither lost nor changed', () => {
  test.each([
    ['marks piled on letters', 'Z\u0351\u036b\u0343a\u0329\u0321l\u034e\u0348g\u0337o\u0310'.repeat(50)],
    ['direction overrides', 'invoice \u202egnp.exe\u202c, \u2066isolated\u2069, \u061c'],
    ['right to left with numbers', 'שלום 123 (abc) مرحبا 45%'],
    ['families, skin, flags', '👩‍👩‍👧‍👦 👍🏽 🏴‍☠️ 🏳️‍🌈 🇩🇪 1️⃣'],
    ['a thousand joiners', '👩' + '\u200d👩'.repeat(1_000)],
    ['invisible signs', 'a\u200b\u2060\ufeff\u00adb'],
    ['half a surrogate', 'a\ud800b'],
    ['null characters', 'a\u0000b\u0000'],
    ['other control characters', 'a\u0007\u001b[31mb\u0085c'],
    ['signs of private use', '\ue000\u{10fffd}'],
  ])('%s', (_, text) => {
    expect(reading(text)).toBe(text)
    // Formatted, they pass both libraries, which show what is no character as such.
    const visible = (signs: string): string => signs.replaceAll(/[\0\ud800\ufffd]/gu, '')
    expect(visible(reading(`**x** ${text}`))).toBe(visible(`x ${text}`))
  })
})

/** As long as the backend takes, and what a rule that goes back again and again would never end with. */
const longest = 4_000
const bait: [string, string][] = [
  ['quotes', '>'],
  ['quotes with spaces', '> '],
  ['lists', '- '],
  ['numbered lists', '1. '],
  ['lists in quotes', '> - '],
  ['tasks', '- [ ] '],
  ['brackets', '['],
  ['closing brackets', ']'],
  ['pictures', '!['],
  ['links without end', '[a]('],
  ['links in links', '[a](b '],
  ['references', '[a][b] '],
  ['addresses', 'http://a.'],
  ['addresses with brackets', 'https://a/('],
  ['www', 'www.'],
  ['mail', 'a.b-c+d@'],
  ['mail without end', 'a@a.'],
  ['stars', '*'],
  ['stars and letters', '*a '],
  ['stars that close', 'a**b*'],
  ['underscores', '_a'],
  ['tildes', '~a~~'],
  ['backticks', '`a``'],
  ['fences', '```\n'],
  ['tags', '<a '],
  ['comments', '<!--'],
  ['declarations', '<!A'],
  ['entities', '&#'],
  ['backslashes', '\\'],
  ['table rows', '|a'],
  ['underlines', 'a\n='],
  ['spaces', ' '],
  ['lines', '\n'],
  ['tabs', '\t'],
]

describe('what is made to keep a page busy', () => {
  // Not a clock, which others on the machine would move, but how the work grows: vitest ends what never ends.
  test.each(bait)(
    'ends, shows something and stays flat: %s',
    (_, piece) => {
      for (const end of ['', 'a', '\n\na']) {
        const text = piece.repeat(longest / piece.length) + end
        const element = shown(text)
        expect(element.textContent.length).toBeGreaterThan(0)
        expect(element.querySelectorAll('*').length).toBeLessThan(2 * longest)
        expect(markdownToHtml(text).length).toBeLessThan(20 * longest)
      }
    },
    5_000,
  )

  test('a text that is almost nothing but marks is not worked on, a page of code is', () => {
    const before = formatted
    for (const piece of ['_a', '- a\n', '~a~~', '> a\n\n']) shown(piece.repeat(1_000))
    expect(formatted).toBe(before)
    const code =
      '```\n' +
      'for (const [key, value] of all) found[key] = value_of(value) // `as it is`\n'.repeat(50) +
      '```'
    expect(shown(code).querySelector('pre')).not.toBeNull()
  })

  test.each([
    ['quotes in quotes', '>'.repeat(10_000) + 'a'],
    ['lists in lists', '- '.repeat(10_000) + 'a'],
    ['brackets in brackets', '['.repeat(10_000) + 'a' + ']'.repeat(10_000)],
    ['a word of 100 kB', 'a'.repeat(100_000)],
    ['a line of code of 100 kB', '```\n' + 'x = 1; '.repeat(15_000) + '\n```'],
  ])('longer than the backend keeps, it is shown and not worked on: %s', (_, text) => {
    const before = formatted
    expect(shown(text).textContent).toContain(text)
    expect(formatted).toBe(before)
  })
})
