import { beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../src/client/client'
import { messageIn } from '../src/state/conversation'
import { unreadOf } from '../src/state/unread'
import { chat, connectionGone, stored, type FakeApi, type FakeClock, type FakeService } from './fakes'
import { loaded, reconnected, signedIn, type Page } from './signedIn'

let page: Page
let clock: FakeClock
let service: FakeService
let api: FakeApi
let client: Client

const idsIn = (chatId: string): string[] => client.conversations.of(chatId).entries.map(({ id }) => id)

beforeEach(async () => {
  page = await signedIn()
  ;({ clock, service, api, client } = page)
})

describe('after the connection was gone', () => {
  const minute = 60_000

  test('the open chat has what was missed, once, and the backend says how much of it is new', async () => {
    const start = clock.now()
    api.history.set('art', [stored('m1', start - 10 * minute)])
    await client.conversations.open('art')
    service.latest.say('art', 'grace', { id: 'm2', message: 'live' })
    client.see('art', true)
    client.see('art', false)
    clock.pass(9_000)
    expect(client.state.connection.phase).toBe('lost')
    api.history.set('art', [
      stored('m1', start - 10 * minute),
      stored('m2', start),
      stored('m3', clock.now()),
      stored('m4', clock.now() + 1),
    ])
    api.pageSize = 2
    api.unread.set('art', 2)
    service.latest.listener.heard()
    await loaded()
    await loaded()
    expect(idsIn('art')).toEqual(['m1', 'm2', 'm3', 'm4'])
    expect(unreadOf(client.state.unread, 'art')).toBe(2)
  })

  test('the open chat shows what became of its messages', async () => {
    const start = clock.now()
    api.history.set('art', [stored('m1', start - 9 * minute), stored('m2', start - 8 * minute)])
    await client.conversations.open('art')
    const edited = { ...stored('m2', start - 8 * minute), message: 'other', editedAt: start }
    api.history.set('art', [{ ...edited, reactions: new Map([['👍', ['grace']]]) }])
    await reconnected(page)
    expect(idsIn('art')).toEqual(['m2'])
    const message = messageIn(client.conversations.of('art'), 'm2')
    expect(message).toMatchObject({ text: 'other', editedAt: start })
    expect([...(message?.reactions ?? [])]).toEqual([['👍', ['grace']]])
  })

  test('what was said just before we came and stored just after is found by a second look', async () => {
    await client.conversations.open('art')
    await reconnected(page)
    api.history.set('art', [stored('m1', clock.now())])
    await clock.passAndSettle(3_000)
    await loaded()
    expect(idsIn('art')).toEqual(['m1'])
  })

  test.each([3, 5])(
    'what a reader loads while the open chat is read again stays, of %i messages',
    async (count) => {
      api.pageSize = 2
      const past = Array.from({ length: count }, (_, index) =>
        stored(`m${index}`, clock.now() - minute + index),
      )
      api.history.set('art', past)
      const { conversations } = client
      await conversations.open('art')
      await Promise.all([conversations.loadOlder('art'), conversations.readOpenAgain()])
      expect(idsIn('art')).toEqual(past.slice(-4).map(({ id }) => id))
      expect(conversations.of('art').complete).toBe(count === 3)
    },
  )

  test('the other chats are read when they are opened', async () => {
    api.mine = [...api.mine, chat('zoo', ['ada'])]
    api.history.set('art', [stored('m1', clock.now() - minute)])
    await client.conversations.open('art')
    await client.conversations.open('zoo')
    api.history.set('art', [stored('m2', clock.now())])
    await reconnected(page)
    expect(idsIn('art')).toEqual([])
    await client.conversations.open('art')
    expect(idsIn('art')).toEqual(['m2'])
  })

  test('what was older in a chat that is begun anew leaves no gap', async () => {
    api.pageSize = 2
    api.mine = [...api.mine, chat('zoo', ['ada'])]
    const past = [1, 2, 3, 4, 5, 6].map((number) => stored(`m${number}`, clock.now() - minute + number))
    api.history.set('art', past.slice(0, 4))
    const { conversations } = client
    await conversations.open('art')
    await conversations.open('zoo')
    const older = conversations.loadOlder('art')
    api.history.set('art', past)
    await Promise.all([older, conversations.catchUp()])
    await conversations.open('art')
    expect(idsIn('art')).toEqual(['m5', 'm6'])
    await conversations.loadOlder('art')
    expect(idsIn('art')).toEqual(['m3', 'm4', 'm5', 'm6'])
  })

  test('what is seen is told again', async () => {
    api.history.set('art', [stored('m1', clock.now() - minute)])
    await client.conversations.open('art')
    service.latest.onEvent = connectionGone
    client.see('art', true)
    await clock.passAndSettle(20_000)
    await reconnected(page)
    expect(service.latest.events).toContainEqual({ name: 'markRead', data: { chatId: 'art', id: 'm1' } })
  })

  test('idle stays idle', async () => {
    client.setIdle(true)
    await reconnected(page)
    expect(service.latest.namesOfEvents()).toEqual(['userConnected', 'userEnterIdle'])
  })
})

describe('what becomes of messages', () => {
  test('is shown', async () => {
    api.history.set('art', [stored('m1', 1), stored('m2', 2)])
    await client.conversations.open('art')
    service.latest.tell('messageEdited', {
      chatId: 'art',
      id: 'm1',
      message: 'other',
      editedAt: '2024-05-01T12:00:00.000Z',
    })
    service.latest.tell('reaction', { chatId: 'art', id: 'm1', userId: 'grace', emoji: '👍', on: true })
    service.latest.tell('messageDeleted', { chatId: 'art', id: 'm2' })
    expect(idsIn('art')).toEqual(['m1'])
    expect(messageIn(client.conversations.of('art'), 'm1')).toMatchObject({
      text: 'other',
      editedAt: Date.parse('2024-05-01T12:00:00.000Z'),
      reactions: new Map([['👍', ['grace']]]),
    })
  })

  test('is not lost to a page that was read before it', async () => {
    api.history.set('art', [stored('m1', 1), stored('m2', 2)])
    api.beforeAnswer = () => {
      service.latest.tell('messageDeleted', { chatId: 'art', id: 'm2' })
      service.latest.tell('reaction', { chatId: 'art', id: 'm1', userId: 'grace', emoji: '👍', on: true })
    }
    await client.conversations.open('art')
    expect(idsIn('art')).toEqual(['m1'])
    expect(messageIn(client.conversations.of('art'), 'm1')?.reactions.get('👍')).toEqual(['grace'])
  })
})
