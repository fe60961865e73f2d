import { beforeEach, describe, expect, test } from 'vitest'
import { createClient, type Client } from '../src/client/client'
import { RememberedChats } from '../src/client/rememberedChats'
import type { Chat } from '../src/wire/model'
import { chat, FakeApi, FakeClock, FakeService, FakeStorage, person } from './fakes'
import { signedIn } from './signedIn'

let storage: FakeStorage

beforeEach(() => {
  storage = new FakeStorage()
})

const remembered = (userId = 'ada'): RememberedChats => new RememberedChats(userId, storage)
const idsOf = (chats: Chat[]): string[] => chats.map(({ id }) => id)

test("one's own chats are as they were, with those who are in them", () => {
  const group = chat('art', ['ada', 'grace'], { kind: 'group', moderated: true })
  remembered().keep([group, chat('open', ['grace'])], new Map())
  expect(remembered().read()).toEqual([{ ...group, partial: false }])
})

test('somebody else on this machine does not see them', () => {
  remembered().keep([chat('art', ['ada', 'grace'])], new Map())
  expect(remembered('grace').read()).toEqual([])
})

test('of very many those that were opened stay, and of their members some and oneself', () => {
  const people = Array.from({ length: 200 }, (_, number) => `person ${number}`)
  const many = Array.from({ length: 300 }, (_, number) => chat(`chat ${number}`, [...people, 'ada']))
  remembered().keep(many, new Map([['chat 250', null]]))
  const read = remembered().read()
  expect(read.length).toBeLessThanOrEqual(100)
  expect(idsOf(read)).toContain('chat 250')
  expect(read[0]?.members.size).toBeLessThanOrEqual(30)
  expect(read[0]?.members.has('ada')).toBe(true)
  expect(read[0]?.partial).toBe(true)
})

test.each(['no JSON', '[]', '{"userId":"ada","chats":[{}, null]}'])(
  'what cannot be read is nothing: %s',
  (text) => {
    storage.setItem('chatr.cache/chats', text)
    expect(remembered().read()).toEqual([])
  },
)

describe('a page that comes back', () => {
  const again = (kept: FakeStorage): Client => {
    const clock = new FakeClock()
    return createClient({
      me: person('ada', 'Ada'),
      api: new FakeApi(clock),
      openSocket: new FakeService().open,
      clock,
      announce: () => undefined,
      random: () => 0,
      storage: kept,
      showChat: () => undefined,
      signedOut: () => undefined,
    })
  }

  test('knows its chats before anything has answered', async () => {
    const page = await signedIn()
    page.client.flush()
    const { state } = again(page.storage)
    expect([...state.chats.all.keys()]).toEqual(['art'])
    expect(state.directoryLoaded).toBe(false)
  })

  test('knows nothing after signing out, whatever ends the page then', async () => {
    const page = await signedIn()
    page.client.flush()
    page.client.forget()
    page.client.flush()
    page.client.close()
    expect(again(page.storage).state.chats.all.size).toBe(0)
  })
})

test('what an older page kept under another name goes', () => {
  storage.setItem('chatr.chats', '{"userId":"ada","chats":[]}')
  remembered()
  expect(storage.items.size).toBe(0)
})
