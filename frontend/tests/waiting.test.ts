import { beforeEach, expect, test } from 'vitest'
import type { Client } from '../src/client/client'
import { statusOf } from '../src/state/conversation'
import { mergeHistory } from '../src/state/merging'
import { connectionGone, settled, type FakeClock, type FakeService } from './fakes'
import { loaded, signedIn } from './signedIn'

let clock: FakeClock
let service: FakeService
let client: Client

beforeEach(async () => {
  ;({ clock, service, client } = await signedIn())
})

async function lastMessage(chatId: string) {
  await settled()
  const entry = client.conversations.of(chatId).entries.at(-1)
  if (entry?.kind !== 'message') throw new Error('There is no message.')
  return entry
}

test('without a connection a message waits as long as it takes, and goes out by itself in its order', async () => {
  service.latest.listener.ended()
  client.send('art', 'first')
  client.send('art', 'second')
  await clock.passAndSettle(1)
  for (let hour = 0; hour < 3; hour++) {
    service.latest.listener.ended()
    await clock.passAndSettle(60 * 60_000)
    expect(statusOf(await lastMessage('art'))).toBe('sending')
  }
  client.connection.reconnectNow()
  service.latest.greet()
  await loaded()
  await loaded()
  const saved = service.latest.events.filter(({ name }) => name === 'saveMessage')
  expect(saved.map(({ data }) => (data as { message: string }).message)).toEqual(['first', 'second'])
  expect(statusOf(await lastMessage('art'))).toBe('saved')
})

test('a connection that comes and goes within half a minute fails no message', async () => {
  service.latest.sendEvent = () => new Promise(() => undefined)
  client.send('art', 'hello')
  for (let round = 0; round < 6; round++) {
    await clock.passAndSettle(20_000)
    service.latest.listener.ended()
    await clock.passAndSettle(20_000)
    client.connection.reconnectNow()
    service.latest.sendEvent = () => new Promise(() => undefined)
    service.latest.greet()
    await loaded()
  }
  expect(statusOf(await lastMessage('art'))).not.toBe('failed')
})

test('what is kept long after it was shown is shown once more, since others have let go of it', async () => {
  service.latest.onEvent = connectionGone
  client.send('art', 'hello')
  await loaded()
  expect(service.latest.groupMessages).toHaveLength(1)
  service.latest.listener.ended()
  await clock.passAndSettle(1)
  await clock.passAndSettle(60 * 60_000)
  client.connection.reconnectNow()
  service.latest.greet()
  for (let round = 0; round < 3; round++) {
    await loaded()
    clock.pass(1_000)
  }
  await loaded()
  expect(service.latest.groupMessages.map(({ data }) => data)).toMatchObject([{ message: 'hello' }])
})

test('what cannot be sent because the chat is gone is told with its words', async () => {
  service.latest.onEvent = ({ name, data }) => {
    const { id } = data as { id: string }
    service.latest.tell('error', {
      event: name,
      code: 'ChatNotFound',
      message: 'There is no such chat.',
      id,
    })
  }
  client.send('art', 'to nobody')
  await loaded()
  expect(client.state.notices.up.map(({ text }) => text).join()).toContain('to nobody')
  expect(client.conversations.of('art').entries).toEqual([])
})

test('what waits in a chat that is deleted meanwhile is told with its words', async () => {
  service.latest.sendEvent = () => new Promise(() => undefined)
  client.send('art', 'to nobody')
  client.send('art', 'nor this')
  await loaded()
  service.latest.tell('chatDeleted', 'art')
  const told = client.state.notices.up.map(({ text }) => text).join()
  expect(told).toContain('to nobody')
  expect(told).toContain('nor this')
})

test('a message that is tried again here and sent by another tab meanwhile is there once', async () => {
  service.latest.sendEvent = () => new Promise(() => undefined)
  client.send('art', 'hello')
  const { id } = await lastMessage('art')
  service.latest.say('art', 'ada', { id, message: 'hello' })
  const entries = client.conversations.of('art').entries
  expect(entries.map((entry) => entry.kind === 'message' && statusOf(entry))).toEqual(['saved'])
})

test('what goes out after hours stays in sight though the history was read just before it was kept', async () => {
  await client.conversations.open('art')
  service.latest.listener.ended()
  client.send('art', 'hello')
  const message = await lastMessage('art')
  await clock.passAndSettle(60 * 60_000)
  client.connection.reconnectNow()
  const readAt = clock.now()
  let save = (): void => undefined
  service.latest.sendEvent = (name) =>
    name === 'saveMessage' ? new Promise((resolve) => (save = resolve)) : Promise.resolve()
  service.latest.greet()
  await loaded()
  save()
  await settled()
  expect(statusOf(await lastMessage('art'))).toBe('saved')
  const conversation = client.conversations.of('art')
  mergeHistory(conversation, [], { askedAt: readAt, startsAnew: false })
  expect(conversation.entries.map(({ id }) => id)).toEqual([message.id])
})
