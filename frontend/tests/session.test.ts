import { beforeEach, describe, expect, test } from 'vitest'
import { nextTick, watch } from 'vue'
import { ApiError } from '../src/api'
import { createSession, SignInLostError, type Session } from '../src/client/session'
import { FakeApi, FakeClock, person } from './fakes'

let api: FakeApi
let session: Session
let told: number
let forgotten: number
const away = new ApiError(503, 'Unavailable', 'away')

beforeEach(async () => {
  api = new FakeApi(new FakeClock())
  told = 0
  forgotten = 0
  session = createSession(
    api,
    () => undefined,
    () => (told += 1),
  )
  api.me = () => Promise.resolve(person('guest_ada', 'Ada'))
  await session.check()
  session.keeps(() => (forgotten += 1))
})

test('other tabs are told of a guest who comes or goes here', async () => {
  await session.signInAsGuest('Ada')
  await session.signOut()
  expect(told).toBe(2)
  expect(session.state.status).toBe('signedOut')
})

test('a sign-in that the browser does not keep is told as that, and no other tab hears of it', async () => {
  api.me = () => Promise.resolve(null)
  await expect(session.signInAsGuest('Ada')).rejects.toBeInstanceOf(SignInLostError)
  expect(session.state.status).toBe('signedOut')
  expect(told).toBe(0)
})

test('whoever signed in in another tab is who this tab belongs to', async () => {
  api.me = () => Promise.resolve(person('guest_mallory', 'Mallory'))
  await session.changedElsewhere()
  expect(session.state.me?.userId).toBe('guest_mallory')
  api.me = () => Promise.resolve(null)
  await session.changedElsewhere()
  expect(session.state.status).toBe('signedOut')
})

test('a page whose sign-in ended elsewhere says as whom, until somebody signs in or out here', async () => {
  api.me = () => Promise.resolve(null)
  await session.renew()
  expect([session.state.status, session.state.ended?.userName]).toEqual(['signedOut', 'Ada'])
  await session.check()
  expect(session.state.ended?.userName).toBe('Ada')
  api.me = () => Promise.resolve(person('guest_bob', 'Bob'))
  await session.signInAsGuest('Bob')
  expect(session.state.ended).toBeNull()
  await session.signOut()
  expect(session.state.ended).toBeNull()
})

test('who was never signed in here is told nothing of an end', async () => {
  const fresh = createSession(
    api,
    () => undefined,
    () => undefined,
  )
  api.me = () => Promise.resolve(null)
  await fresh.check()
  expect(fresh.state).toMatchObject({ status: 'signedOut', ended: null })
})

test('a backend that does not answer does not end what another tab has changed', async () => {
  api.me = () => Promise.reject(new ApiError(503, 'Unavailable', 'away'))
  await session.changedElsewhere()
  expect(session.state.me?.userId).toBe('guest_ada')
})

test('what is kept of a guest goes only when the backend has let them go', async () => {
  api.signOutGuest = () => Promise.reject(away)
  await expect(session.signOut()).rejects.toThrow('away')
  await nextTick()
  expect([forgotten, session.state.status]).toEqual([0, 'signedIn'])
  api.me = () => Promise.reject(away)
  await expect(session.signOut()).rejects.toThrow('away')
  await nextTick()
  expect([forgotten, session.state.status]).toEqual([0, 'signedIn'])
  api.signOutGuest = () => Promise.resolve()
  await session.signOut()
  await nextTick()
  expect([forgotten, session.state.status]).toEqual([1, 'signedOut'])
})

test('a guest whose end the backend noted, and then failed, has signed out as well', async () => {
  api.signOutGuest = () => {
    api.me = () => Promise.resolve(null)
    return Promise.reject(away)
  }
  await session.signOut()
  await nextTick()
  expect([forgotten, told]).toEqual([1, 1])
  expect(session.state).toMatchObject({ status: 'signedOut', me: null, ended: null })
})

test('who signs out here is not told that it happened elsewhere, though their connection ends first', async () => {
  let answer = (): void => undefined
  api.signOutGuest = () => new Promise((resolve) => (answer = resolve))
  const out = session.signOut()
  api.me = () => Promise.resolve(null)
  await session.renew()
  expect(session.state).toMatchObject({ status: 'loading', ended: null })
  answer()
  await out
  await nextTick()
  expect(session.state).toMatchObject({ status: 'signedOut', ended: null })
  expect(forgotten).toBe(1)
})

test('a page that ended with a sign-out of which nothing more is heard can be tried again', async () => {
  api.me = () => Promise.resolve(null)
  api.signOutGuest = async () => {
    await session.renew()
    api.me = () => Promise.reject(away)
    throw away
  }
  await expect(session.signOut()).rejects.toThrow('away')
  expect(session.state.status).toBe('unreachable')
  api.me = () => Promise.resolve(null)
  await session.check()
  await nextTick()
  expect([session.state.status, forgotten]).toEqual(['signedOut', 1])
})

test('whoever signed in in another tab stays when the sign-out of the one before is answered', async () => {
  api.signOutGuest = async () => {
    api.me = () => Promise.resolve(person('guest_mallory', 'Mallory'))
    await session.changedElsewhere()
  }
  await session.signOut()
  expect(session.state.me?.userId).toBe('guest_mallory')
})

describe('what is kept of', () => {
  test.each([
    ['renew', null],
    ['changedElsewhere', null],
    ['changedElsewhere', person('guest_mallory', 'Mallory')],
  ] as const)('a guest who ended elsewhere goes, once their page is gone (%s, %j)', async (heard, next) => {
    const seen: string[] = []
    watch(
      () => session.state.me,
      () => seen.push('page gone'),
    )
    session.keeps(() => seen.push('forgotten'))
    api.me = () => Promise.resolve(next)
    await session[heard]()
    await nextTick()
    expect(seen).toEqual(['page gone', 'forgotten'])
  })

  test('a guest who is still the one stays', async () => {
    await session.renew()
    await session.changedElsewhere()
    await nextTick()
    expect(forgotten).toBe(0)
  })

  test('an account stays when it ends elsewhere, and goes with a sign-out here', async () => {
    api.me = () => Promise.resolve(person('github_ada', 'Ada'))
    await session.check()
    await nextTick()
    forgotten = 0
    api.me = () => Promise.resolve(null)
    await session.renew()
    await nextTick()
    expect(forgotten).toBe(0)
    api.me = () => Promise.resolve(person('github_ada', 'Ada'))
    await session.check()
    await session.signOut()
    expect(forgotten).toBe(1)
  })
})
