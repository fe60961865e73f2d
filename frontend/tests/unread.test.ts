import { beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../src/client/client'
import { ApiError } from '../src/api'
import { firstUnread, mentionsOf, unreadOf } from '../src/state/unread'
import { stored, type FakeApi, type FakeClock, type FakeService } from './fakes'
import { loaded, reconnected, signedIn, type Page } from './signedIn'

let page: Page
let clock: FakeClock
let service: FakeService
let api: FakeApi
let client: Client

beforeEach(async () => {
  page = await signedIn()
  ;({ clock, service, api, client } = page)
})

describe('unread messages', () => {
  const read = (id: string): void => service.latest.tell('chatRead', { chatId: 'art', id })
  const say = (id: string, userId = 'grace'): void => service.latest.say('art', userId, { id, message: 'hi' })
  const unread = (): number => unreadOf(client.state.unread, 'art')

  test('are those that the backend counted, and those that came since', async () => {
    api.unread.set('art', 4)
    await reconnected(page)
    expect(unread()).toBe(4)
    say('m1')
    expect(unread()).toBe(5)
  })

  test('of a chat that is before the eyes are none, whatever the backend still counts', async () => {
    client.see('art', true)
    api.unread.set('art', 4)
    await reconnected(page)
    expect(unread()).toBe(0)
  })

  test('that arrive while the backend counts are not lost', async () => {
    api.beforeAnswer = () => {
      api.beforeAnswer = () => undefined
      say('m1')
    }
    await reconnected(page)
    expect(unread()).toBe(1)
  })

  test('that are seen while the backend counts are not unread again', async () => {
    say('m1')
    api.unread.set('art', 1)
    api.beforeAnswer = () => {
      api.beforeAnswer = () => undefined
      client.see('art', true)
      client.see('art', false)
    }
    await reconnected(page)
    expect(unread()).toBe(0)
  })

  test('that the backend had not stored yet when it counted are not lost', async () => {
    api.unread.set('art', 2)
    await reconnected(page)
    say('m3')
    await reconnected(page)
    expect(unread()).toBe(3)
  })

  test('that the backend does not count after a while are none', async () => {
    say('never stored')
    clock.pass(5_000)
    await reconnected(page)
    expect(unread()).toBe(0)
  })

  test('that were said just before we came and stored just after are found by a second look', async () => {
    await reconnected(page)
    api.unread.set('art', 1)
    await clock.passAndSettle(3_000)
    await loaded()
    expect(unread()).toBe(1)
  })

  test('of a chat that was just left are none, though the backend has not been told yet', async () => {
    client.see('art', true)
    client.see('art', false)
    api.unread.set('art', 2)
    await reconnected(page)
    expect(unread()).toBe(0)
  })

  test('mention one as often as the backend counted, until they are read', async () => {
    api.unread.set('art', 4)
    api.unreadMentions.set('art', 2)
    await reconnected(page)
    const mentions = (): number => mentionsOf(client.state.unread, 'art')
    expect(mentions()).toBe(2)
    service.latest.say('art', 'grace', { id: 'm1', message: 'hi', mentions: ['ada'] })
    expect(mentions()).toBe(3)
    client.see('art', true)
    expect(mentions()).toBe(0)
  })

  test('are forgotten with a chat that one is no more in', async () => {
    say('m1')
    service.latest.tell('memberLeft', { chatId: 'art', userId: 'ada' })
    await loaded()
    expect([unread(), [...client.state.unread.byChat.keys()]]).toEqual([0, []])
  })

  test.each([
    ['as the backend says', (): unknown => api.lastRead.set('art', 'm1')],
    [
      'as another device says',
      (): void => {
        read('m1')
      },
    ],
  ])('that were read elsewhere, %s, are not told to be read once more', async (_, readElsewhere) => {
    api.history.set('art', [stored('m1', clock.now())])
    readElsewhere()
    if (api.lastRead.size > 0) await reconnected(page)
    await client.conversations.open('art')
    client.see('art', true)
    await loaded()
    await clock.passAndSettle(2_000)
    expect(service.latest.events.filter(({ name }) => name === 'markRead')).toEqual([])
  })

  test('become fewer when they are read on another device', async () => {
    api.unread.set('art', 3)
    await reconnected(page)
    say('m1')
    say('mine', 'ada')
    say('m2')
    read('m1')
    expect(unread()).toBe(1)
    read('m2')
    expect(unread()).toBe(0)
  })

  test('that another device has read before this one heard of them are read', async () => {
    api.unread.set('art', 3)
    await reconnected(page)
    read('unknown here')
    expect(unread()).toBe(0)
  })

  test('become fewer when one of them is deleted, and only then', () => {
    ;['m1', 'm2', 'm3'].forEach((id) => say(id))
    client.see('art', true)
    client.see('art', false)
    ;['m4', 'm5'].forEach((id) => say(id))
    service.latest.tell('messageDeleted', { chatId: 'art', id: 'm2' })
    expect(unread()).toBe(2)
    service.latest.tell('messageDeleted', { chatId: 'art', id: 'm5' })
    service.latest.tell('messageDeleted', { chatId: 'art', id: 'm5' })
    expect(unread()).toBe(1)
  })

  describe('that only the backend knows, of a chat that nobody has opened', () => {
    const asked = (): number => answers
    let answers = 0
    beforeEach(async () => {
      api.unread.set('art', 3)
      api.unreadMentions.set('art', 1)
      await reconnected(page)
      await clock.passAndSettle(4_000)
      answers = 0
      api.beforeAnswer = () => (answers += 1)
    })

    test.each([
      ['a deletion', (): void => service.latest.tell('messageDeleted', { chatId: 'art', id: 'old' })],
      ['reading some of it elsewhere', (): void => read('old')],
    ])('are counted anew, once, after %s', async (_, happen) => {
      ;[2, 1].forEach((left) => {
        api.unread.set('art', left)
        happen()
      })
      api.unreadMentions.set('art', 0)
      await clock.passAndSettle(2_000)
      await loaded()
      expect([unread(), mentionsOf(client.state.unread, 'art'), asked()]).toEqual([1, 0, 1])
      await clock.passAndSettle(4_000)
      expect(asked()).toBe(1)
    })

    test('are counted anew at another moment by each who hears of it, within some seconds', async () => {
      page.chance = 0.75
      service.latest.tell('messageDeleted', { chatId: 'art', id: 'old' })
      await clock.passAndSettle(4_999)
      expect(asked()).toBe(0)
      await clock.passAndSettle(1)
      expect(asked()).toBe(1)
    })

    test('are gone when the chat was left while the page was away', async () => {
      api.mine = []
      await reconnected(page)
      expect(client.state.unread.byChat.size).toBe(0)
    })
  })

  test('that are deleted take their mention with them', () => {
    service.latest.say('art', 'grace', { id: 'm1', message: 'hi', mentions: ['ada'] })
    say('m2')
    service.latest.tell('messageDeleted', { chatId: 'art', id: 'm1' })
    expect([unread(), mentionsOf(client.state.unread, 'art')]).toEqual([1, 0])
  })

  test('are those behind the last one that was before the eyes, where the end was not', async () => {
    api.history.set(
      'art',
      ['m1', 'm2', 'm3', 'm4'].map((id, place) => stored(id, clock.now() + place)),
    )
    api.unread.set('art', 3)
    api.lastRead.set('art', 'm1')
    await reconnected(page)
    await client.conversations.open('art')
    client.readTo('art', 'm3')
    expect(unread()).toBe(1)
    client.readTo('art', 'm2')
    expect(unread()).toBe(1)
    await loaded()
    const marks = service.latest.events.filter(({ name }) => name === 'markRead').map(({ data }) => data)
    expect(marks).toEqual([{ chatId: 'art', id: 'm3' }])
  })

  describe('that are many', () => {
    const first = (): string | undefined =>
      firstUnread(client.state.unread, 'art', client.conversations.of('art'), 'ada')

    beforeEach(() => {
      const joined = clock.now()
      const said = Array.from({ length: 500 }, (_, place) => stored(`m${place}`, joined + place - 99))
      api.history.set('art', said)
    })

    test.each([
      ['behind the one that was read last', 58, (): unknown => api.lastRead.set('art', 'm441'), 'm442'],
      ['behind a deleted one that was read last', 58, (): unknown => api.lastRead.set('art', 'gone'), 'm442'],
      ['since joining', 100, (): unknown => api.unreadSince.set('art', clock.now()), 'm100'],
      ['more than anybody counts', 100, (): unknown => api.lastRead.set('art', 'm7'), 'm8'],
    ])('are loaded from the first one on, %s', async (_, count, read, wanted) => {
      api.unread.set('art', count)
      read()
      await reconnected(page)
      await client.conversations.open('art')
      expect(await client.conversations.loadBackToUnread('art')).toBe(true)
      expect(first()).toBe(wanted)
    })

    test('are loaded from the first one on also where all were said within a millisecond', async () => {
      const moment = clock.now()
      api.history.set(
        'art',
        Array.from({ length: 500 }, (_, place) => stored(`m${place}`, moment)),
      )
      api.unread.set('art', 100)
      api.lastRead.set('art', 'm7')
      api.unreadSince.set('art', moment)
      await reconnected(page)
      await client.conversations.open('art')
      expect(await client.conversations.loadBackToUnread('art')).toBe(true)
      expect(first()).toBe('m8')
    })

    test('are looked for again after that has failed', async () => {
      api.unread.set('art', 100)
      api.lastRead.set('art', 'm7')
      await reconnected(page)
      await client.conversations.open('art')
      api.failure = new ApiError(503, 'Unavailable', 'away')
      expect(await client.conversations.loadBackToUnread('art')).toBe(false)
      api.failure = null
      await client.conversations.reload('art')
      expect(await client.conversations.loadBackToUnread('art')).toBe(true)
    })
  })

  test('are told to be read when they are seen', async () => {
    api.history.set('art', [stored('m1', clock.now())])
    await client.conversations.open('art')
    client.see('art', true)
    await loaded()
    await clock.passAndSettle(2_000)
    say('m2')
    client.see('art', true)
    await clock.passAndSettle(2_000)
    const marks = service.latest.events.filter(({ name }) => name === 'markRead').map(({ data }) => data)
    expect(marks).toEqual([
      { chatId: 'art', id: 'm1' },
      { chatId: 'art', id: 'm2' },
    ])
  })
})
