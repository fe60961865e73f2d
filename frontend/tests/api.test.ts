import { describe, expect, test } from 'vitest'
import { ApiError, createApi } from '../src/api'
import { FakeClock, settled, wireChat } from './fakes'

interface Answer {
  status?: number
  body?: unknown
  date?: string
  retryAfter?: number
}

/** An API over prepared answers, and the addresses that were asked. */
function apiOver(answers: Answer[], now = 0, random = () => 0) {
  const clock = new FakeClock(now)
  const asked: string[] = []
  const fetcher = ((url: string, init: RequestInit) => {
    asked.push(`${init.method ?? 'GET'} ${url}`)
    const { status = 200, body, date, retryAfter } = answers.shift() ?? {}
    const headers = new Headers()
    if (date !== undefined) headers.set('date', date)
    if (retryAfter !== undefined) headers.set('retry-after', String(retryAfter))
    return Promise.resolve(
      new Response(body === undefined ? null : JSON.stringify(body), { status, headers }),
    )
  }) as typeof fetch
  return { api: createApi(fetcher, clock, random), asked, clock }
}

describe('who I am', () => {
  test('is what the backend says', async () => {
    const me = { userId: 'guest_1', userName: 'Ada', userProvider: 'guest' }
    await expect(apiOver([{ body: me }]).api.me()).resolves.toEqual(me)
  })

  test('is nobody when signed out', async () => {
    await expect(apiOver([{ status: 401 }]).api.me()).resolves.toBeNull()
  })
})

test('a refusal carries status, code and the words for people', async () => {
  const error = { code: 'BadRequest', message: 'userName must have 1 to 50 characters.' }
  const { api } = apiOver([{ status: 400, body: { error } }])
  const refusal = await api.signInAsGuest('').catch((reason: unknown) => reason)
  expect(refusal).toBeInstanceOf(ApiError)
  expect(refusal).toMatchObject({ status: 400, ...error, signedOut: false })
})

test('every call has an id of its own, which a refusal keeps', async () => {
  const sent: (string | null)[] = []
  const api = createApi(
    (_, init) => {
      sent.push(new Headers(init?.headers).get('x-request-id'))
      return Promise.resolve(new Response(null, { status: 503 }))
    },
    new FakeClock(0),
    () => 0,
  )
  await expect(api.users()).rejects.toMatchObject({ requestId: sent[0] })
  await expect(api.me()).rejects.toMatchObject({ requestId: sent[1] })
  expect(new Set(sent).size).toBe(2)
  expect(sent.every((id) => id !== null && /^[\w.-]{1,100}$/.test(id))).toBe(true)
})

describe('who has asked too much', () => {
  test('comes again when the backend says, without anybody noticing', async () => {
    const { api, asked, clock } = apiOver([{ status: 429, retryAfter: 3 }, { body: { users: {} } }])
    const users = api.users()
    await settled()
    clock.pass(2_999)
    await settled()
    expect(asked).toHaveLength(1)
    clock.pass(1)
    await expect(users).resolves.toEqual([])
    expect(asked).toEqual(['GET /api/users', 'GET /api/users'])
  })

  test('waits a second where nothing is said, as of a host that refuses by itself', async () => {
    const { api, clock } = apiOver([{ status: 429 }, { body: { users: {} } }])
    const users = api.users()
    await clock.passAndSettle(0)
    clock.pass(1_000)
    await expect(users).resolves.toEqual([])
  })

  test('does not ask for ever, nor after a time that nobody waits', async () => {
    const { api, asked, clock } = apiOver(Array.from({ length: 9 }, () => ({ status: 429, retryAfter: 1 })))
    const users = api.users().catch((reason: unknown) => reason)
    for (let second = 0; second < 20; second++) await clock.passAndSettle(1_000)
    expect(await users).toMatchObject({ status: 429 })
    expect(asked).toHaveLength(6)
    const late = apiOver([{ status: 429, retryAfter: 60 }])
    await expect(late.api.users()).rejects.toMatchObject({ status: 429 })
  })

  test('comes again as a guest, too, but not for long', async () => {
    const refused = { status: 429, retryAfter: 1 }
    const { api, asked, clock } = apiOver([refused, refused, {}])
    const signedIn = api.signInAsGuest('Ada')
    await settled()
    for (let second = 0; second < 2; second++) await clock.passAndSettle(1_000)
    await signedIn
    expect(asked).toEqual(Array(3).fill('POST /api/guest'))
    const crowded = apiOver(Array.from({ length: 9 }, () => refused))
    const late = crowded.api.signInAsGuest('Ada').catch((reason: unknown) => reason)
    await settled()
    for (let second = 0; second < 9; second++) await crowded.clock.passAndSettle(1_000)
    expect(await late).toMatchObject({ status: 429 })
    expect(crowded.asked).toHaveLength(3)
  })

  test('comes again at a moment of its own, the later the more often it was refused', async () => {
    for (const chance of [0, 0.25, 0.999]) {
      const { api, asked, clock } = apiOver(
        Array.from({ length: 9 }, () => ({ status: 429, retryAfter: 1 })),
        0,
        () => chance,
      )
      void api.users().catch(() => undefined)
      await settled()
      for (const [times, spread] of [1_000, 2_000, 4_000, 8_000, 8_000].entries()) {
        await clock.passAndSettle(999 + chance * spread)
        expect(asked).toHaveLength(times + 1)
        await clock.passAndSettle(1)
        expect(asked).toHaveLength(times + 2)
      }
    }
  })

  test('is told so when it was not only for reading', async () => {
    const { api, asked } = apiOver([{ status: 429, retryAfter: 1 }])
    await expect(api.signOutGuest()).rejects.toMatchObject({ status: 429 })
    expect(asked).toHaveLength(1)
  })
})

test('an answer of another shape is still a refusal', async () => {
  const { api } = apiOver([{ status: 502, body: 'Bad gateway' }])
  await expect(api.users()).rejects.toMatchObject({ status: 502, code: 'Unavailable' })
})

test('no answer at all is a refusal with status 0', async () => {
  const api = createApi(
    () => Promise.reject(new TypeError('Failed to fetch')),
    new FakeClock(0),
    () => 0,
  )
  await expect(api.me()).rejects.toMatchObject({ status: 0, code: 'Unreachable' })
})

test('lists are read to their last page', async () => {
  const first = { chats: { a: { ...wireChat('a', ['ada']), unread: 0, unreadMentions: 0 } }, next: 'a b' }
  const second = { chats: { b: { ...wireChat('b', ['ada']), unread: 0, unreadMentions: 0 }, broken: {} } }
  const { api, asked } = apiOver([{ body: first }, { body: second }])
  expect((await api.myChats()).map(({ chat }) => chat.id)).toEqual(['a', 'b'])
  expect(asked).toEqual(['GET /api/me/chats', 'GET /api/me/chats?after=a%20b'])
})

test('public chats are read a page at a time', async () => {
  const first = { chats: { a: wireChat('a', ['ada']), broken: { name: 'no id' } }, next: 'a b' }
  const { api, asked } = apiOver([{ body: first }, { body: { chats: {} } }])
  const page = await api.publicChats()
  expect([page.items.map(({ id }) => id), page.next]).toEqual([['a'], 'a b'])
  expect(await api.publicChats('a b')).toEqual({ items: [], next: null })
  expect(asked).toEqual(['GET /api/chats', 'GET /api/chats?after=a%20b'])
})

test('messages are asked for by what is before or after them', async () => {
  const message = {
    id: 'm',
    message: 'hi',
    fromUserId: 'ada',
    fromUserName: 'Ada',
    time: '2024-05-01T10:00:00.000Z',
  }
  const { api, asked } = apiOver([{ body: { messages: [message, {}], more: true } }])
  const page = await api.messages('a/b', { before: 'x' })
  expect(asked).toEqual(['GET /api/chats/a%2Fb/messages?limit=50&before=x'])
  expect(page.more).toBe(true)
  const more = { replyTo: undefined, mentions: [], editedAt: undefined, reactions: new Map() }
  expect(page.messages).toEqual([{ ...message, ...more, time: Date.parse(message.time) }])
})

test('a message comes with whom it mentions, when it was edited and who reacted', async () => {
  const time = '2024-05-01T10:00:00.000Z'
  const bare = { id: 'm', message: 'hi', fromUserId: 'ada', fromUserName: 'Ada', time }
  const more = { mentions: ['bob', 7], editedAt: time, reactions: { '👍': ['bob', 'cleo'], '🎉': [], x: 1 } }
  const { api } = apiOver([{ body: { messages: [{ ...bare, ...more }], more: false } }])
  const [message] = (await api.messages('a', {})).messages
  expect(message).toMatchObject({ mentions: ['bob'], editedAt: Date.parse(time) })
  expect(message?.reactions).toEqual(new Map([['👍', ['bob', 'cleo']]]))
})

test('of my chats is told how much is unread', async () => {
  const counts = { unread: 3, unreadMentions: 1, lastRead: 'm' }
  const unreadSince = '2024-05-01T10:00:00.000Z'
  const chats = { a: { ...wireChat('a', ['ada']), ...counts, unreadSince }, b: wireChat('b', ['ada']) }
  const { api } = apiOver([{ body: { chats } }])
  expect(await api.myChats()).toMatchObject([
    { chat: { id: 'a' }, ...counts, unreadSince: Date.parse(unreadSince) },
    { chat: { id: 'b' }, unread: 0, unreadMentions: 0, lastRead: undefined, unreadSince: undefined },
  ])
})

test("a clock that is wrong is corrected by the backend's", async () => {
  const { api } = apiOver(
    [{ body: {}, date: 'Wed, 01 May 2024 12:00:00 GMT' }],
    Date.parse('2024-05-01T11:00:00Z'),
  )
  await api.users()
  expect(new Date(api.serverNow()).toISOString()).toBe('2024-05-01T12:00:00.000Z')
})

test.each([0, -3_600_000])('a clock that is %i ms wrong is no more so for a slow answer', async (wrong) => {
  const clock = new FakeClock(Date.parse('2024-05-01T12:00:00.300Z') + wrong)
  const backendNow = (): Date => new Date(clock.now() - wrong)
  let slow = 0
  const fetcher = (() => {
    clock.sleep(slow)
    const headers = { date: backendNow().toUTCString() }
    clock.sleep(slow)
    return Promise.resolve(new Response('{}', { headers }))
  }) as typeof fetch
  const api = createApi(fetcher, clock, () => 0)
  for (slow of [100, 5_000, 100]) {
    await api.users()
    expect(Math.abs(api.serverNow() - backendNow().getTime())).toBeLessThan(1_000)
  }
})
