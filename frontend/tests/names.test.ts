/** Names that look the same are told apart wherever one stands; names that do not are left alone. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { reactive } from 'vue'
import table from '../src/state/confusables.json'
import { Names, noNames } from '../src/state/names'
import { confusablesOf, isAscii, ofAscii, skeletonsOf } from '../src/state/skeleton'
import { chat, settled, stored, wireChat } from './fakes'
import { loaded, reconnected, signedIn, type Page } from './signedIn'

const confusables = confusablesOf(table)
/** The same that the backend must let pass. */
const scripts = JSON.parse(
  readFileSync(new URL('../../tests/names/legitimate.json', import.meta.url), 'utf8'),
) as Record<string, string[]>
const legitimate = Object.values(scripts).flat()
const areAlike = (one: string, other: string): boolean =>
  skeletonsOf(one, confusables).some((skeleton) => skeletonsOf(other, confusables).includes(skeleton))

describe('a skeleton', () => {
  test.each([
    'Vic\u200btim',
    'Vic\u00adtim',
    'Vi\u0441tim',
    'Vіctіm',
    'VICTIM',
    'victirn',
    '\uff36\uff49\uff43\uff54\uff49\uff4d',
    '𝐕𝐢𝐜𝐭𝐢𝐦',
    'Victim\ufe0f',
    'Vict\u034fim',
    'Victim (owner)',
    'Victim #k3f9',
    'Victim  ',
  ])('of %j is that of Victim', (name) => expect(areAlike(name, 'Victim')).toBe(true))

  test.each([
    ['Ann', 'Anna'],
    ['Zoe', 'Zoë'],
    ['Ann Lee', 'AnnLee'],
    ['Max', 'Мах 2'],
    ['Ann ❤️', 'Ann ⚡'],
  ])('of %j is another than of %j', (one, other) => expect(areAlike(one, other)).toBe(false))

  test.each([
    ['Ian', 'lan'],
    ['Bob', 'B0b'],
    ['Ann\u00a0Lee', 'Ann Lee'],
    ['山田 太郎', '山田　太郎'],
    ['کریم', 'كريم'],
  ])('of %j is that of %j', (one, other) => expect(areAlike(one, other)).toBe(true))

  test('is the same with something in it that nobody sees, in any script', () => {
    const invisible = [
      '\u00ad',
      '\u200b',
      '\u200c',
      '\u200d',
      '\u2060',
      '\ufe0f',
      '\u{e0041}',
      '\u{e0100}',
      '\u3164',
    ]
    for (const name of legitimate)
      for (let at = 0; at <= name.length; at++)
        for (const sign of invisible)
          // Not into the half of a character, nor between a letter and its mark, with which it would be another.
          if (!/^(?:[\udc00-\udfff]|\p{M})/u.test(name.slice(at)))
            expect([name, at, areAlike(name.slice(0, at) + sign + name.slice(at), name)]).toEqual([
              name,
              at,
              true,
            ])
  })

  test('is worked out for ASCII by a part of the table', () => {
    for (let code = 0; code < 0x80; code++) {
      const sign = String.fromCharCode(code)
      expect([sign, ofAscii.get(sign)]).toEqual([sign, confusables.get(sign)])
    }
    expect(isAscii('Ann')).toBe(true)
    expect(isAscii('Änn')).toBe(false)
  })
})

async function among(people: Record<string, string>): Promise<Record<string, string>> {
  const names = new Names(reactive(noNames()), () => Promise.resolve(confusables))
  Object.entries(people).forEach(([id, name]) => names.learn(id, name))
  await settled()
  return Object.fromEntries(Object.entries(people).map(([id, name]) => [id, names.markOf(id, name)]))
}

describe('a mark', () => {
  test('stands beside all who are called alike, and no other', async () => {
    const marks = await among({ a: 'Victim', b: 'Viсtim', c: 'Ann', d: 'VICTIM', e: 'Bob' })
    expect([marks.c, marks.e]).toEqual(['', ''])
    const shown = [marks.a, marks.b, marks.d]
    for (const mark of shown) expect(mark).toMatch(/^#[2-9a-z]{4,6}$/u)
    expect(new Set(shown).size).toBe(3)
  })

  test('is the same whoever else is here, and whoever has gone', async () => {
    const few = await among({ a: 'Ann', b: 'Ann' })
    const many = await among({ z: 'ANN', b: 'Ann', y: 'Bob', a: 'Ann' })
    expect([many.a, many.b]).toEqual([few.a, few.b])
  })

  test('is longer where it would be that of another', async () => {
    expect(await among({ user3507: 'Ann', x: 'Ann' })).toMatchObject({ user3507: '#u84h' })
    expect(await among({ user3507: 'Ann', user4004: 'Ann' })).toEqual({
      user3507: '#u84hv',
      user4004: '#u84hg',
    })
  })

  test('is shown to any number of namesakes, each their own', async () => {
    const people = Object.fromEntries(Array.from({ length: 3_000 }, (_, id) => [`user${id}`, 'Ann']))
    const marks = Object.values(await among(people))
    expect(new Set(marks).size).toBe(marks.length)
  })

  test('troubles nobody of another name, in thirty scripts', async () => {
    const once = legitimate.filter(
      (name) => !legitimate.some((other) => other !== name && areAlike(name, other)),
    )
    expect(once.length).toBeGreaterThan(50)
    const marks = await among(Object.fromEntries(once.map((name, id) => [`${id}`, name])))
    expect(Object.values(marks).filter(Boolean)).toEqual([])
  })

  test('beyond ASCII waits for the table, and a load that failed is tried again', async () => {
    const answers = [Promise.reject(new Error('offline')), Promise.resolve(confusables)]
    let asked = 0
    const names = new Names(
      reactive(noNames()),
      () => answers[asked++] ?? Promise.reject(new Error('asked again')),
    )
    names.learn('a', 'Ann')
    expect(asked).toBe(0)
    names.learn('b', 'Аnn')
    await settled()
    expect([asked, names.markOf('a', 'Ann')]).toEqual([1, ''])
    names.learn('b', 'Аnn')
    await settled()
    expect([asked, names.markOf('a', 'Ann') !== '', names.markOf('b', 'Аnn') !== '']).toEqual([2, true, true])
  })
})

describe('on the page', () => {
  const online = ({ service }: Page, userId: string, userName: string): void =>
    service.latest.tell('userOnline', { userId, userName, userProvider: 'x', idle: false })
  const noticesUp = ({ client }: Page): string[] => client.state.notices.up.map(({ text }) => text)

  test('a guest is called one, with or without a namesake', async () => {
    const page = await signedIn()
    const { naming } = page.client
    online(page, 'guest_1', 'Bob')
    expect(noticesUp(page)).toEqual(['Guest Bob is online'])
    expect(naming.of({ userId: 'guest_1', userName: 'Bob' })).toEqual({
      name: 'Bob',
      note: 'Guest',
      mark: '',
    })
    online(page, 'bob', 'Bob')
    expect(noticesUp(page).at(-1)).toMatch(/^Bob #\w{4} is online$/u)
    expect(naming.of({ userId: 'guest_1', userName: 'Bob' }).note).toMatch(/^Guest #\w{4}$/u)
    expect(naming.words('guest_1')).toMatch(/^Guest Bob #\w{4}$/u)
  })

  test.each(['שרה', 'عائشة', 'Sara שרה'])('in a sentence, %s leaves its mark in one piece', async (name) => {
    const page = await signedIn()
    const { naming } = page.client
    online(page, 'guest_1', name)
    online(page, 'sara', name)
    await expect.poll(() => naming.words('sara')).toMatch(new RegExp(`^\u2068${name}\u2069 #\\w{4}$`, 'u'))
    expect(naming.words('guest_1')).toMatch(new RegExp(`^Guest \u2068${name}\u2069 #\\w{4}$`, 'u'))
    expect(naming.of({ userId: 'sara', userName: name }).name).toBe(name)
    expect(naming.titleWords(chat('c', ['ada'], { name }))).toBe(`\u2068${name}\u2069`)
  })

  test.each(['Chatr', 'Сhatr', 'Someone', 'You'])(
    'nobody passes for the %s of Chatr itself',
    async (name) => {
      const page = await signedIn()
      online(page, 'mallory', name)
      await loaded()
      // Unicode's table is loaded by the first name that needs it.
      await expect
        .poll(() => page.client.naming.of({ userId: 'mallory', userName: name }).note)
        .toMatch(/^#\w{4}$/u)
      expect(page.client.naming.called('nobody').note).toBe('')
    },
  )

  test('whoever a message of old names is one of them, also where they are not here any more', async () => {
    const page = await signedIn()
    page.api.history.set('art', [{ ...stored('m1', 1, 'gone'), fromUserName: 'grace' }])
    expect(page.client.naming.words('grace')).toBe('grace')
    await page.client.conversations.open('art')
    expect(page.client.naming.words('grace')).toMatch(/^grace #\w{4}$/u)
    expect(page.client.naming.words('gone', undefined, 'grace')).toMatch(/^grace #\w{4}$/u)
  })

  test('the title of a private chat, a notification and a line of the system tell who is meant', async () => {
    const page = await signedIn()
    const { client, service } = page
    const members = {
      ada: { userId: 'ada', userName: 'Ada' },
      guest_g: { userId: 'guest_g', userName: 'GRACE' },
    }
    service.latest.tell('joinPrivateChat', {
      id: 'private_1',
      name: 'Chat with GRACE',
      grabFocus: false,
      members,
    })
    const opened = client.state.chats.all.get('private_1') ?? chat('none', [])
    expect(client.naming.titleWords(opened)).toMatch(/^Guest GRACE #\w{4}$/u)
    expect(client.naming.title(opened).note).toMatch(/^Guest #\w{4}$/u)
    expect(noticesUp(page).at(-1)).toMatch(/^Guest GRACE #\w{4} opened a private chat with you$/u)
    service.latest.say('private_1', 'guest_g', { id: 'm1', message: 'hi' })
    expect(page.announced.at(-1)?.author).toMatch(/^Guest GRACE #\w{4}$/u)
  })

  test('of two chats that are called alike the owners are named while both are here', async () => {
    const page = await signedIn()
    const { client, service, api } = page
    const noteOf = (id: string): string =>
      client.naming.title(client.state.chats.all.get(id) ?? chat('none', [])).note
    expect(noteOf('open')).toBe('')
    service.latest.tell('chatCreated', { ...wireChat('other', ['bob']), name: '0PEN' })
    expect([noteOf('open'), noteOf('other'), noteOf('art')]).toEqual(['by grace', 'by bob', ''])
    service.latest.tell('chatDeleted', 'other')
    expect(noteOf('open')).toBe('')
    api.chats.push(chat('third', ['bob'], { name: 'Open' }))
    await reconnected(page)
    expect([noteOf('open'), noteOf('third')]).toEqual(['by grace', 'by bob'])
  })
})
