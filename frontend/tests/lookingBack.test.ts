import { beforeEach, describe, expect, test } from 'vitest'
import { ApiError } from '../src/api'
import { stored } from './fakes'
import { loaded, signedIn, type Page } from './signedIn'

let page: Page

const idsShown = (): string[] => page.client.conversations.of('art').entries.map(({ id }) => id)

beforeEach(async () => {
  page = await signedIn()
  const { api, clock } = page
  api.pageSize = 2
  const times = [10, 9, 8, 7, 6, 5, 4]
  api.history.set(
    'art',
    times.map((minutes, index) => stored(`m${index}`, clock.now() - minutes * 60_000)),
  )
})

describe('going back to a message', () => {
  test('waits for the first load, which is on its way, and loads no further than needed', async () => {
    const { conversations } = page.client
    void conversations.open('art')
    expect(await conversations.loadBackTo('art', 'm3')).toBe('here')
    expect(idsShown()).toEqual(['m3', 'm4', 'm5', 'm6'])
  })

  test('opens a chat that nobody has opened yet', async () => {
    expect(await page.client.conversations.loadBackTo('art', 'm0')).toBe('here')
    expect(idsShown()).toHaveLength(7)
  })

  test('goes along with a reader who loads older messages by themselves', async () => {
    const { conversations } = page.client
    await conversations.open('art')
    void conversations.loadOlder('art')
    expect(await conversations.loadBackTo('art', 'm0')).toBe('here')
  })

  test('knows at the beginning of the chat that it is gone', async () => {
    expect(await page.client.conversations.loadBackTo('art', 'never was')).toBe('gone')
    expect(page.client.conversations.of('art').complete).toBe(true)
  })

  test('does not look for what was deleted before our eyes', async () => {
    const { conversations } = page.client
    await conversations.open('art')
    conversations.change({ kind: 'messageDeleted', chatId: 'art', id: 'm1' })
    expect(await conversations.loadBackTo('art', 'm1')).toBe('gone')
    expect(idsShown()).toEqual(['m5', 'm6'])
  })

  test('ends when it cannot be loaded, and is tried again from there', async () => {
    const { conversations } = page.client
    await conversations.open('art')
    page.api.failure = new ApiError(503, 'Unavailable', 'away')
    expect(await conversations.loadBackTo('art', 'm0')).toBe('failed')
    page.api.failure = null
    await loaded()
    expect(await conversations.loadBackTo('art', 'm0')).toBe('here')
  })
})
