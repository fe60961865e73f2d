import { beforeEach, expect, test } from 'vitest'
import { ApiError } from '../src/api'
import { lingersMs } from '../src/state/people'
import { chat, connectionGone, user, type FakeApi, type FakeClock } from './fakes'
import { loaded, signedIn, type Page } from './signedIn'

const minute = 60_000

let page: Page
let clock: FakeClock
let api: FakeApi

const online = (): string[] => [...page.client.state.people.online.keys()]

async function minutePasses(): Promise<void> {
  // The service is heard of all the while; otherwise the connection counts as lost.
  for (let part = 0; part < 12; part++) {
    page.service.latest.listener.heard()
    clock.pass(minute / 12)
    await loaded()
  }
}

beforeEach(async () => {
  page = await signedIn()
  ;({ clock, api } = page)
})

test('a ghost that nothing was told of is gone when the page in use has looked again', async () => {
  api.online = [user('ada')]
  await minutePasses()
  expect(online()).toEqual(['ada'])
})

test('a page not in use looks when its user comes back, and not before', async () => {
  page.client.setIdle(true)
  api.online = [user('ada')]
  await minutePasses()
  expect(online()).toEqual(['ada', 'grace'])
  page.client.setIdle(false)
  await loaded()
  expect(online()).toEqual(['ada'])
})

test('what is told during a look is not lost, and a load that is due follows it', async () => {
  api.beforeAnswer = () => {
    api.beforeAnswer = () => undefined
    page.service.latest.tell('userOnline', user('bob'))
    api.chats = [chat('new', ['bob'])]
    page.service.latest.tell('memberLeft', { chatId: 'open', userId: 'grace', userName: 'G', removed: false })
    api.online = [user('ada'), user('bob')]
  }
  await minutePasses()
  await loaded()
  expect(online()).toEqual(['ada', 'bob'])
  expect(page.client.state.chats.all.has('new')).toBe(true)
})

test('who is back while the connection is silent is not idle for others when it speaks again', async () => {
  page.client.setIdle(true)
  await loaded()
  clock.pass(8_000)
  expect(page.client.state.connection.phase).toBe('lost')
  page.client.setIdle(false)
  page.service.latest.listener.heard()
  await loaded()
  expect(page.service.latest.namesOfEvents()).toEqual(['userConnected', 'userEnterIdle', 'userExitIdle'])
})

test('what the backend could not be told of being idle it is told later', async () => {
  const { latest } = page.service
  latest.onEvent = connectionGone
  page.client.setIdle(true)
  await loaded()
  latest.onEvent = () => undefined
  clock.pass(5_000)
  await loaded()
  clock.pass(5_000)
  await loaded()
  expect(latest.namesOfEvents()).toEqual(['userConnected', 'userEnterIdle', 'userEnterIdle'])
})

test('who is idle when the backend hears late of a connection is idle for others', async () => {
  page.client.setIdle(true)
  page.service.latest.listener.ended()
  clock.pass(1)
  const { latest } = page.service
  latest.onEvent = connectionGone
  latest.greet()
  await loaded()
  latest.onEvent = () => undefined
  clock.pass(5_000)
  await loaded()
  expect(latest.namesOfEvents()).toEqual(['userConnected', 'userConnected', 'userEnterIdle'])
})

test('a look that fails troubles nobody', async () => {
  api.failure = new ApiError(503, 'Unavailable', 'Storage is away.')
  await minutePasses()
  expect(page.client.state.notices.up).toEqual([])
  expect(online()).toEqual(['ada', 'grace'])
})

test('a closed page looks no more', async () => {
  page.client.close()
  api.online = []
  await minutePasses()
  expect(online()).toEqual(['ada', 'grace'])
})

test('somebody who is back within five seconds was never gone, nor is that news', () => {
  const { latest } = page.service
  latest.tell('userOffline', 'grace')
  clock.pass(lingersMs - 1)
  expect(online()).toEqual(['ada', 'grace'])
  latest.tell('userOnline', user('grace'))
  clock.pass(lingersMs)
  expect(online()).toEqual(['ada', 'grace'])
  expect(page.client.state.notices.up).toEqual([])
})

test('somebody who does not come back is gone then, however often they went before', () => {
  const { latest } = page.service
  latest.tell('userOffline', 'grace')
  latest.tell('userOnline', user('grace'))
  clock.pass(3_000)
  latest.tell('userOffline', 'grace')
  clock.pass(lingersMs - 1)
  expect(online()).toEqual(['ada', 'grace'])
  clock.pass(1)
  expect(online()).toEqual(['ada'])
})

test('somebody whom the list has again is there, though their going was told before', async () => {
  page.service.latest.tell('userOffline', 'grace')
  page.client.setIdle(false)
  await loaded()
  clock.pass(lingersMs)
  expect(online()).toEqual(['ada', 'grace'])
})
