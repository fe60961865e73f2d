/** A link shows where it leads wherever its words are another address, or letters that pass for others. */
import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { createFormat, type Format } from '../src/markdown/format'
import { passesForLatin, trueHost } from '../src/markdown/hosts'
import { MessageTexts } from '../src/markdown/messageTexts'
import table from '../src/state/confusables.json'
import { FakeClock } from './fakes'

const window = new JSDOM('').window as unknown as Window & typeof globalThis
const texts = new MessageTexts(
  window,
  (): Promise<Format> => Promise.resolve(createFormat(window)),
  new FakeClock(),
)
await texts.prepare()

function hostsShown(text: string): string[] {
  const element = window.document.createElement('div')
  element.append(texts.nodes(text, []))
  return Array.from(element.querySelectorAll('a + .link-host'), (host) => host.textContent)
}

describe('beside a link', () => {
  test.each([
    ['[https://bank.example](https://evil.example)', 'evil.example'],
    ['[bank.example](https://evil.example/bank.example)', 'evil.example'],
    ['[**www.bank.example**/login](http://evil.example)', 'evil.example'],
    ['[Go to bank.example now](https://evil.example)', 'evil.example'],
    ['[bank\u2024example](https://evil.example)', 'evil.example'],
    ['[ｂａｎｋ．ｅｘａｍｐｌｅ](https://evil.example)', 'evil.example'],
    ['[https://bank\u200b.example](https://bank.example)', 'bank.example'],
    ['[ann@bank.example](https://evil.example)', 'evil.example'],
    ['[ann@bank.example](mailto:eve@evil.example)', 'eve@evil.example'],
    ['[bank.example](mailto:eve@evil.example)', 'eve@evil.example'],
    ['[bank\u0323.example](https://evil.example)', 'evil.example'],
    ['[bank.e\u0323xample](https://evil.example)', 'evil.example'],
    ['[1.1.1.1](https://evil.example)', 'evil.example'],
    ['[→https://localhost](https://evil.example)', 'evil.example'],
    ['[https://evil.example/ bank.example](https://evil.example)', 'evil.example'],
    ['[https://evil.example,bank.example](https://evil.example)', 'evil.example'],
    ['[https://evil.example.bank.example](https://evil.example)', 'evil.example'],
    ['https://bank.example@evil.example/', 'evil.example'],
    ['https://bank.example:443@evil.example/login', 'evil.example'],
    ['[here](https://bank@evil.example)', 'evil.example'],
    ['https://2130706433/', '127.0.0.1'],
    ['https://ex%61mple.org/', 'example.org'],
    // Letters of several scripts in one word, and words of letters that all look like ours.
    ['https://раypal.example', 'xn--ypal-43d9g.example'],
    ['https://аррӏе.example', 'xn--80ak6aa92e.example'],
    ['https://ɡoogle.example', 'xn--oogle-qmc.example'],
    ['www.еvil.example', 'www.xn--vil-qdd.example'],
  ])('%s stands %s', (text, host) => expect(hostsShown(text)).toEqual([` (${host})`]))

  test.each([
    'https://example.org/a?b=https://bank.example',
    'www.example.org',
    'HTTPS://Example.ORG/x',
    'https://example.org:8443/',
    'http://localhost:8080/x',
    'ada@example.org',
    '[here](https://example.org)',
    '[version 1.20](https://example.org)',
    '[https://example.org/a](https://example.org/b)',
    '[example.org](https://www.example.org/)',
    '[Ada](mailto:ada@example.org)',
    'https://müller.example/straße',
    'https://почта.example',
    'https://пример.рф',
    'https://ελλάδα.example',
    'https://中文.example',
    'https://日本語abc.example',
    'https://한국.example',
    'https://שלום.example',
    'https://مثال.example',
    'https://उदाहरण.example',
    'https://ตัวอย่าง.example',
    '(https://example.org.)',
    'https://de.example.org/wiki/Foo_(bar.baz)',
    'https://example.org/a,b.html',
    'https://example.org/?filter[a.name]=1',
    'https://example.org/a|b.cd',
    "https://example.org/it's.html;c.de#f.gh",
    'https://my_host.example.org/',
    '[٥٠٠كم](https://example.org)',
    '[1.20.3](https://example.org)',
  ])('%s nothing stands', (text) => expect(hostsShown(text)).toEqual([]))

  test.each(Array.from(table['.']))('a host with %j for a dot shows where it leads', (dot) =>
    expect(hostsShown(`[bank${dot}example](https://evil.example)`)).toEqual([' (evil.example)']),
  )

  test('the host is a part of the words: in quotes, notices and notifications it stands, too', () => {
    expect(texts.line('See [bank.example](https://evil.example)')).toBe('See bank.example (evil.example)')
  })

  test('nothing breaks, whatever the words are', () => {
    for (const text of [
      '',
      '@',
      '.',
      '://',
      'http://',
      '%',
      'https://[',
      '\ud800.aa',
      'a'.repeat(10_000) + '.bc',
    ])
      expect([null, 'example.org']).toContain(trueHost(text, 'https://example.org/'))
    expect(trueHost('x@y.zz', 'mailto:%')).toBe('%')
  })
})

test('the letters that pass for ours are those of the table', () => {
  const scripts = 'Cyrillic Greek Armenian Georgian Hebrew Arabic Malayalam Myanmar'.split(' ')
  const ofScript = new RegExp(`^(?:${scripts.map((script) => `\\p{Script=${script}}`).join('|')})$`, 'u')
  const letters = Object.entries(table).flatMap(([like, signs]) =>
    /^[a-z]+$/u.test(like) ? Array.from(signs) : [],
  )
  // What a browser makes another letter of never gets into a host.
  const inHosts = letters.filter(
    (sign) =>
      ofScript.test(sign) && /\p{Ll}|\p{Lo}/u.test(sign) && sign.normalize('NFKC').toLowerCase() === sign,
  )
  expect(inHosts.length).toBeGreaterThan(50)
  expect(inHosts.filter((sign) => !passesForLatin.test(sign))).toEqual([])
})
