import { beforeEach, expect, test } from 'vitest'
import { ApiError } from '../src/api'
import { createSession, SignInLostError, type Session } from '../src/client/session'
import { FakeApi, FakeClock, person } from './fakes'

let api: FakeApi
let session: Session
let told: number

beforeEach(async () => {
  api = new FakeApi(new FakeClock())
  told = 0
  session = createSession(
    api,
    () => undefined,
    () => (told += 1),
  )
  api.me = () => Promise.resolve(person('guest_ada', 'Ada'))
  await session.check()
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
  let forgotten = false
  const leaving = (): void => void (forgotten = true)
  api.signOutGuest = () => Promise.reject(new ApiError(0, 'Unreachable', 'away'))
  await expect(session.signOut(leaving)).rejects.toThrow('away')
  expect([forgotten, session.state.status]).toEqual([false, 'signedIn'])
  api.signOutGuest = () => Promise.resolve()
  await session.signOut(leaving)
  expect([forgotten, session.state.status]).toEqual([true, 'signedOut'])
})
