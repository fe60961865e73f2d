import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { createFormat } from '../src/markdown/format'
import { MessageTexts } from '../src/markdown/messageTexts'
import { verbatimIn } from '../src/markdown/verbatim'
import { completion, mentionQuery, offeredMembers } from '../src/state/mentionQuery'
import { mentionedIn, mentionsIn, picksIn } from '../src/state/mentions'
import { moved, withPick, type Pick } from '../src/state/picks'
import type { Member } from '../src/wire/model'
import { FakeClock } from './fakes'

const member = (userId: string, userName: string): Member => ({
  userId,
  userName,
})
const ann = member('a', 'Ann')
const annLee = member('l', 'Ann Lee')
const zoe = member('z', 'Zoë Ångström')
const me = member('me', 'Anna Me')
const all = [me, zoe, annLee, ann]

describe('what is being completed', () => {
  test.each([
    ['@', 1, ''],
    ['Hi @an', 6, 'an'],
    ['Hi @ann le', 10, 'ann le'],
    ['(@an', 4, 'an'],
    ['**@an', 5, 'an'],
  ])('%j', (text, caret, query) => {
    expect(mentionQuery(text, caret)?.query).toBe(query)
  })

  test.each([
    ['ada@example', 11],
    ['Hi @ an', 7],
    ['@an\nnew line', 6],
    ['no at all', 4],
    ['@an', 0],
    [`@${'a'.repeat(60)}`, 61],
    ['```py\n@an', 9],
    ['`@an', 4],
    ['see `@an`', 8],
    ['https://example.org/@an', 23],
  ])('nothing in %j at %i', (text, caret) => {
    expect(mentionQuery(text, caret)).toBeNull()
  })
})

describe('who is offered', () => {
  const namesFor = (query: string): string[] =>
    offeredMembers(all, query, 'me').map(({ userName }) => userName)

  test('those whose name begins so, then those with a word that does, never oneself', () => {
    expect(namesFor('an')).toEqual(['Ann', 'Ann Lee', 'Zoë Ångström'])
  })

  test('accents and case do not matter', () => {
    expect(namesFor('ZOE')).toEqual(['Zoë Ångström'])
  })

  test('nobody whose name is another', () => {
    expect(namesFor('x')).toEqual([])
  })
})

test('a name is completed in place, with one space behind it', () => {
  const query = { start: 3, query: 'an' }
  expect(completion('Hi @an there', query, 'Ann')).toEqual({ from: 3, to: 7, text: '@Ann ' })
  expect(completion('Hi @an, there', query, 'Ann')).toEqual({ from: 3, to: 6, text: '@Ann ' })
})

const idsIn = (text: string, members: Member[] = all, picks: Pick[] = []): string[] =>
  mentionedIn(text, members, picks)

describe('who is mentioned', () => {
  test('of a name in a name the longer one', () => {
    expect(idsIn('@Ann Lee')).toEqual(['l'])
    expect(idsIn('@Ann Lee and @Ann')).toEqual(['l', 'a'])
    expect(idsIn('@Ann Leech')).toEqual(['a'])
  })

  test.each([
    '@Ann',
    'hi @Ann',
    '@Ann, hi',
    '@Ann.',
    '@Ann: yes',
    '(@Ann)',
    '@Ann!?',
    "@Ann's",
    '@Ann’s turn',
    "@Ann'll",
    '**@Ann**',
    '_@Ann_',
    '~~@Ann~~ no',
    '> @Ann',
    '- @Ann',
    '"@Ann"',
    '@Ann...so',
    '@Ann\n',
    '\n@Ann',
    '👋@Ann👋',
    'it`s @Ann',
    '@ann',
    '@ＡＮＮ',
    '你好@Ann你好',
    '@Annさん',
    '看https://example.com，@Ann 你好',
    'siehe „https://example.com“ @Ann',
    '「https://example.com」@Ann',
  ])('Ann by %j', (text) => expect(idsIn(text)).toEqual(['a']))

  test.each([
    '@Annabel',
    '@Anna',
    '@Ann_Lee',
    '@Ann-Marie',
    '@Ann2',
    '@Ann**abel**',
    "@Ann'abel",
    'mail@Ann',
    'mail@Ann.example',
    '@Ann.example',
    '@Ann@example.org',
    'https://example.org/@Ann',
    'see www.example.org/@Ann',
    'example.org/@Ann',
    '[@Ann](https://example.org)',
    '<https://example.org/@Ann>',
    '@@Ann',
    '\\@Ann',
    '`@Ann`',
    '``x ` @Ann``',
    '```\n@Ann\n```',
    '```js\n@Ann',
    '~~~\n@Ann\n~~~',
    '> ```\n> @Ann\n> ```',
    '- ```\n  @Ann',
    '@Ann/core',
    '@ Ann',
    'Ann',
  ])('nobody by %j', (text) => expect(idsIn(text)).toEqual([]))

  test('two with a slash between them', () => {
    expect(idsIn('@Ann/@Ann Lee')).toEqual(['a', 'l'])
  })

  test.each([
    ['Zoë', '@zoe', '@Zoe\u0308', '@ZOË!'],
    ['Ann.', '@Ann.', '@Ann..'],
    ['Dr. No!', '@Dr. No!', '@dr. no!!'],
    ['🦊', '@🦊', '@🦊 hi', '@🦊🦊'],
    ['👩', '@👩'],
    ['علي', '@علي', '\u200f@علي\u200f،'],
    ['田中', '@田中さん', '@田中 '],
    ['O’Neil', "@O'Neil", "@o’neil's"],
    ['Grace 2', '@Grace 2', '@grace 2,'],
    ['*star*', '@*star*'],
    ['snake_case', '@snake_case'],
  ])('%s has a name of its own kind', (userName, ...writings) => {
    for (const text of writings) expect([text, idsIn(text, [member('x', userName)])]).toEqual([text, ['x']])
  })

  test.each([
    ['👩', '@👩‍💻'],
    ['👍', '@👍🏽'],
    ['张三', '@张三丰'],
    ['Grace 2', '@Grace 23'],
    ['O', "@O'Neil"],
  ])('%s is not %s', (userName, text) => expect(idsIn(text, [member('x', userName)])).toEqual([]))

  test('of two names that only accents tell apart, the one that is written; without a match either', () => {
    const two = [member('1', 'Zoe'), member('2', 'Zoë')]
    expect(idsIn('@Zoë', two)).toEqual(['2'])
    expect(idsIn('@Zoe', two)).toEqual(['1'])
    expect(idsIn('@zoe', two)).toEqual(['1', '2'])
  })

  test('nobody whose name is gone from the text again', () => {
    expect(idsIn('never mind', all, [{ at: 0, userId: 'a' }])).toEqual([])
  })

  test('at most as many as the backend takes', () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      member(`${index}`, `Name${String.fromCharCode(65 + index)}`),
    )
    expect(idsIn(many.map(({ userName }) => `@${userName}`).join(' '), many)).toHaveLength(20)
  })
})

describe('of two with one name', () => {
  const twins = [member('1', 'Alex'), member('2', 'Alex')]

  test('who was picked is meant, each where they were picked', () => {
    expect(idsIn('@Alex', twins, [{ at: 0, userId: '2' }])).toEqual(['2'])
    const both = withPick([{ at: 0, userId: '2' }], { at: 10, userId: '1' })
    expect(idsIn('@Alex and @Alex', twins, both)).toEqual(['2', '1'])
    expect(withPick(both, { at: 0, userId: '1' })).toHaveLength(2)
  })

  test('both are meant when nobody was picked', () => {
    expect(idsIn('@Alex', twins)).toEqual(['1', '2'])
  })

  test('a pick goes where its name goes, and is not forgotten when undo brings the name back', () => {
    const picks = [
      { at: 0, userId: '2' },
      { at: 6, userId: '1' },
    ]
    const before = '@Alex @Alex '
    expect(moved(picks, before, `Hi ${before}`, 3).map(({ at }) => at)).toEqual([3, 9])
    expect(moved(picks, before, '@Alex, @Alex ', 6).map(({ at }) => at)).toEqual([0, 7])
    // Which of two equal names was deleted, the caret tells.
    expect(moved(picks, before, '@Alex ', 0)).toEqual([
      { at: -1, userId: '2' },
      { at: 0, userId: '1' },
    ])
    expect(moved(picks, before, '@Alex ', 6).map(({ at }) => at)).toEqual([0, -1])
    const without = moved([{ at: 3, userId: '2' }], 'Hi @Alex', 'Hi ', 3)
    expect(idsIn('Hi @Alex', twins, moved(without, 'Hi ', 'Hi @Alex', 8))).toEqual(['2'])
    expect(moved(picks, before, '', 0)).toEqual([])
  })

  test('what a message mentions is picked when it is changed', () => {
    const text = '`@Alex` @Alex, @Alex'
    const picks = picksIn(text, [twins[1] ?? ann, twins[0] ?? ann])
    expect(picks).toEqual([
      { at: 8, userId: '2' },
      { at: 15, userId: '1' },
    ])
    expect(idsIn(text, twins, picks)).toEqual(['2', '1'])
    expect(picksIn('@Alex and @Alex', [member('2', 'Alex')]).map(({ userId }) => userId)).toEqual(['2', '2'])
  })
})

describe('what is marked is what was found', () => {
  const window = new JSDOM('').window as unknown as Window & typeof globalThis
  const texts = new MessageTexts(window, () => Promise.resolve(createFormat(window)), new FakeClock())
  const people = [
    ...all,
    member('t1', 'Alex'),
    member('t2', 'Alex'),
    member('o', 'O’Neil'),
    member('f', '🦊'),
  ]
  const pieces = [
    '@Ann', '@Ann Lee', '@ann', '@Annabel', '@Alex', '@alex', '@zoë ångström', '@O’Neil', '@🦊', '@', 'Ann',
    ' ', ' ', ' ', '\n', '\n\n', '. ', ', ', "'s", '(', ')', '"', '*', '**', '_', '~~', 'x', '!',
    '`', '``', '\n```\n', '\n~~~\n', '\n> ', '\n- ', 'https://example.org/', '/', '，', '“',
  ] // prettier-ignore
  const chance = (seed: number) => (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }

  test('in any text, for everybody who reads it', async () => {
    await texts.prepare()
    let marked = 0
    for (let seed = 1; seed <= 300; seed++) {
      const next = chance(seed)
      const text = Array.from({ length: 12 }, () => pieces[Math.floor(next() * pieces.length)] ?? '').join('')
      const found = mentionsIn(text, people, verbatimIn(text))
      const picks = found.map(({ from, userIds }) => ({
        at: from,
        userId: userIds[Math.floor(next() * userIds.length)] ?? '',
      }))
      const ids = mentionedIn(text, people, picks)
      const names = ids.map((id) => ({
        name: people.find(({ userId }) => userId === id)?.userName ?? '',
        me: false,
      }))
      const marks = [...texts.nodes(text, names).querySelectorAll('.mention')]
      marked += marks.length
      const words = found.map(({ from, to }) => text.slice(from, to).replace(/[*_~`]/g, ''))
      expect([text, marks.map((mark) => mark.textContent).join('')]).toEqual([text, words.join('')])
      for (const { userIds } of found) expect(ids.some((id) => userIds.includes(id))).toBe(true)
    }
    expect(marked).toBeGreaterThan(100)
  }, 60_000)

  test('of two with one name the mark of oneself is where one was meant', () => {
    const mine = (text: string, mes: boolean[]): number[] => {
      const names = mes.map((me) => ({ name: 'Alex', me }))
      return [...texts.nodes(text, names).querySelectorAll('.mention')].map((mark) =>
        Number(mark.classList.contains('mention--me')),
      )
    }
    expect(mine('@Alex and @Alex', [false, true])).toEqual([0, 1])
    expect(mine('@Alex and @Alex', [true])).toEqual([1, 1])
    expect(mine('@Alex and @Alex', [false])).toEqual([0, 0])
    expect(mine('@Alex', [false, true])).toEqual([1])
  })
})
