import { beforeEach, describe, expect, test } from 'vitest'
import { ApiError } from '../src/api'
import { emptyChats, replaceChats } from '../src/state/chats'
import { chat } from './fakes'
import { loaded, reconnected, signedIn, type Page } from './signedIn'

const idOf = (number: number): string => `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`
const some = (...numbers: number[]): string[] => numbers.map(idOf)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number)

let page: Page

const known = (): string[] => [...page.client.state.chats.all.keys()].sort()
const isMine = (number: number): boolean =>
  page.client.state.chats.all.get(idOf(number))?.members.has('ada') === true

/** Ada's page where ten public chats are listed four at a time; she is in the last. */
beforeEach(async () => {
  page = await signedIn()
  const { api } = page
  api.chatsOnAPage = 4
  api.chats = upTo(10).map((number) => chat(idOf(number), number === 9 ? ['grace', 'ada'] : ['grace']))
  api.mine = api.chats.slice(9)
  page.client.state.chats.all.clear()
  await reconnected(page)
  api.askedForChats = []
})

describe('the list of public chats', () => {
  test('is loaded with its first page, and with the chats one is in', async () => {
    await reconnected(page)
    expect(page.api.askedForChats).toEqual([''])
    expect(known()).toEqual(some(0, 1, 2, 3, 9))
  })

  test('goes on when somebody looks further, to its end and not beyond', async () => {
    const { publicChats, state } = page.client
    expect(await publicChats.more()).toBe(true)
    expect(known()).toEqual(some(0, 1, 2, 3, 4, 5, 6, 7, 9))
    expect(await publicChats.more()).toBe(true)
    expect(known()).toEqual(some(...upTo(10)))
    expect(state.chats.upTo).toBeNull()
    expect(isMine(9)).toBe(true)
    await publicChats.more()
    expect(page.api.askedForChats).toEqual(some(3, 7))
  })

  test('asked for twice at once goes on twice', async () => {
    const { publicChats } = page.client
    await Promise.all([publicChats.more(), publicChats.more(), publicChats.more()])
    expect(page.api.askedForChats).toEqual(some(3, 7))
    expect(known()).toEqual(some(...upTo(10)))
  })

  test('comes to its end while somebody searches, and stops when they do not any more', async () => {
    const { publicChats } = page.client
    let wanted = true
    page.api.beforeAnswer = () => (wanted = false)
    await publicChats.allWhile(() => wanted)
    expect(known()).toEqual(some(0, 1, 2, 3, 4, 5, 6, 7, 9))
    page.api.beforeAnswer = () => undefined
    await publicChats.allWhile(() => true)
    expect(known()).toEqual(some(...upTo(10)))
  })

  test('says that a page did not come, and asks for it again', async () => {
    const { publicChats, state } = page.client
    page.api.failure = new ApiError(503, 'Unavailable', 'away')
    const all = publicChats.allWhile(() => true)
    await loaded()
    expect(state.notices.up).toHaveLength(1)
    expect(known()).toEqual(some(0, 1, 2, 3, 9))
    page.api.failure = null
    page.clock.pass(3_000)
    await all
    expect(known()).toEqual(some(...upTo(10)))
  })

  test('does not ask again for a page that nobody wants any more, or once the page is closed', async () => {
    const { publicChats } = page.client
    page.api.failure = new ApiError(503, 'Unavailable', 'away')
    let wanted = true
    const more = publicChats.more(() => wanted)
    await loaded()
    wanted = false
    page.clock.pass(3_000)
    expect(await more).toBe(false)
    const all = publicChats.allWhile(() => true)
    await loaded()
    page.client.close()
    page.api.failure = null
    page.clock.pass(3_000)
    await all
    expect(known()).toEqual(some(0, 1, 2, 3, 9))
  })

  test('is asked for each page once, however many search, and until none of them does', async () => {
    const { publicChats } = page.client
    let wanted = true
    page.api.beforeAnswer = () => (wanted = false)
    await Promise.all([publicChats.allWhile(() => wanted), publicChats.allWhile(() => true)])
    expect(page.api.askedForChats).toEqual(some(3, 7))
    expect(known()).toEqual(some(...upTo(10)))
  })

  test('keeps what happens while a page is on its way', async () => {
    const { publicChats } = page.client
    page.api.beforeAnswer = () => {
      page.api.beforeAnswer = () => undefined
      page.service.latest.tell('chatDeleted', idOf(5))
      page.service.latest.tell('chatCreated', { ...chat(idOf(77), []), members: {} })
    }
    await publicChats.more()
    expect(known()).toEqual(some(0, 1, 2, 3, 4, 6, 7, 9, 77))
  })

  test('waits for lists that are being loaded', async () => {
    const load = reconnected(page)
    const more = page.client.publicChats.more()
    await Promise.all([load, more])
    await loaded()
    expect(known()).toEqual(some(0, 1, 2, 3, 4, 5, 6, 7, 9))
  })

  test('loaded anew keeps what stands further down, until that is loaded anew', async () => {
    const { publicChats } = page.client
    await publicChats.allWhile(() => true)
    // Meanwhile one chat of each page is deleted, and Ada was removed from hers.
    page.api.chats = page.api.chats.filter(({ id }) => !some(1, 5).includes(id))
    page.api.chats.at(-1)?.members.delete('ada')
    page.api.mine = []
    await reconnected(page)
    expect(known()).toEqual(some(0, 2, 3, 4, 5, 6, 7, 8, 9))
    expect(isMine(9)).toBe(false)
    await publicChats.more()
    expect(known()).toEqual(some(0, 2, 3, 4, 6, 7, 8, 9))
  })
})

describe('a public chat that is opened by its address', () => {
  test('is found wherever it stands, and nothing else with it', async () => {
    await page.client.publicChats.find(idOf(6))
    expect(known()).toEqual(some(0, 1, 2, 3, 6, 9))
    expect(page.api.askedForChats).toHaveLength(1)
  })

  test('is not looked for where it is known, cannot be there, or all is here', async () => {
    const { publicChats } = page.client
    await publicChats.find(idOf(2))
    await publicChats.find('private_abc')
    expect(page.api.askedForChats).toEqual([])
    await publicChats.find(idOf(55))
    expect(known()).toEqual(some(0, 1, 2, 3, 9))
    await publicChats.allWhile(() => true)
    page.api.askedForChats = []
    await publicChats.find(idOf(55))
    expect(page.api.askedForChats).toEqual([])
  })

  test('is looked for again when it could not be told whether it is there', async () => {
    page.api.failure = new ApiError(429, 'TooManyRequests', 'too much')
    const found = page.client.publicChats.find(idOf(6))
    await loaded()
    page.api.failure = null
    page.clock.pass(3_000)
    expect(await found).toBe(true)
    expect(known()).toEqual(some(0, 1, 2, 3, 6, 9))
  })
})

test('groups and private chats that are not listed any more are gone, however far the list was loaded', () => {
  const state = emptyChats()
  const old = [
    chat('z1', ['ada'], { kind: 'group' }),
    chat('z2', ['ada', 'bob'], { kind: 'private' }),
    chat('z3', []),
  ]
  replaceChats(state, old)
  replaceChats(state, [chat('a', [])], 'a', 'ada')
  expect([...state.all.keys()]).toEqual(['a', 'z3'])
})
