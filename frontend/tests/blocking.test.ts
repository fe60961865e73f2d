import { beforeEach, expect, test } from 'vitest'
import { ApiError } from '../src/api'
import { RefusedError } from '../src/connection/requests'
import { person } from './fakes'
import { loaded, reconnected, signedIn, type Page } from './signedIn'

let page: Page
beforeEach(async () => {
  page = await signedIn()
})

const names = (): string[] => [...page.client.state.blocked.values()].map(({ userName }) => userName)

test('whom one has blocked is asked for when it first matters, and once', async () => {
  page.api.blockedPeople = [person('grace', 'Grace')]
  await loaded()
  expect(page.api.askedForBlocked).toBe(0)
  page.client.blockedPeople.want()
  page.client.blockedPeople.want()
  await loaded()
  expect(names()).toEqual(['Grace'])
  expect(page.api.askedForBlocked).toBe(1)
})

test('a list that could not be had is asked for again', async () => {
  page.api.failure = new ApiError(503, 'Unavailable', 'away')
  await expect(page.client.blockedPeople.load()).rejects.toThrow('away')
  page.api.failure = null
  page.api.blockedPeople = [person('grace', 'Grace')]
  await page.client.blockedPeople.load()
  expect(names()).toEqual(['Grace'])
})

test('who is blocked or unblocked, here or in another tab, is known at once', async () => {
  await page.client.actions.block({ userId: 'grace', userName: 'Grace' })
  expect(page.service.latest.events.at(-1)).toEqual({ name: 'blockUser', data: { userId: 'grace' } })
  expect(names()).toEqual(['Grace'])
  page.service.latest.tell('userBlocked', { userId: 'hedy', userName: 'Hedy' })
  expect(names()).toEqual(['Grace', 'Hedy'])
  page.service.latest.tell('userUnblocked', { userId: 'hedy' })
  await page.client.actions.unblock('grace')
  expect(names()).toEqual([])
})

test('what is told while the list is on its way is not lost to it', async () => {
  page.api.blockedPeople = [person('grace', 'Grace')]
  page.api.beforeAnswer = () => {
    page.service.latest.tell('userUnblocked', { userId: 'grace' })
    page.service.latest.tell('userBlocked', { userId: 'hedy', userName: 'Hedy' })
  }
  await page.client.blockedPeople.load()
  expect(names()).toEqual(['Hedy'])
})

test('nobody counts as blocked whom the backend refused to block', async () => {
  page.service.latest.onEvent = () => {
    page.service.latest.tell('error', { event: 'blockUser', code: 'UserNotFound', message: 'no' })
  }
  await expect(page.client.actions.block({ userId: 'x', userName: 'X' })).rejects.toThrow(RefusedError)
  expect(names()).toEqual([])
})

test('what was missed without a connection is read again, if it was ever read', async () => {
  await reconnected(page)
  expect(page.api.askedForBlocked).toBe(0)
  await page.client.blockedPeople.load()
  page.api.blockedPeople = [person('grace', 'Grace')]
  await reconnected(page)
  expect(names()).toEqual(['Grace'])
})
