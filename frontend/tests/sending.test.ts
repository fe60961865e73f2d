import { beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../src/client/client'
import { SendError } from '../src/connection/socket'
import { statusOf } from '../src/state/conversation'
import { texts } from '../src/texts'
import { chat, connectionGone, settled, stored } from './fakes'
import type { FakeApi, FakeClock, FakeService } from './fakes'
import { loaded, signedIn } from './signedIn'

let clock: FakeClock
let service: FakeService
let api: FakeApi
let client: Client

beforeEach(async () => {
  ;({ clock, service, api, client } = await signedIn())
})

async function lastMessage(chatId: string) {
  await settled()
  const entry = client.conversations.of(chatId).entries.at(-1)
  if (entry?.kind !== 'message') throw new Error('There is no message.')
  return entry
}

describe('sending', () => {
  test('takes both ways at once under one id', async () => {
    client.send('art', 'hello')
    await settled()
    const [{ group, data } = { group: '', data: null }] = service.latest.groupMessages
    const save = service.latest.events.at(-1)
    expect(group).toBe('art')
    expect(data).toMatchObject({ message: 'hello', fromUserId: 'ada', fromUserName: 'Ada' })
    expect(save).toMatchObject({ name: 'saveMessage', data: { chatId: 'art', message: 'hello' } })
    expect((save?.data as { id: string }).id).toBe((data as { id: string }).id)
  })

  test('answers no message that is deleted while one writes', async () => {
    service.latest.tell('messageDeleted', { chatId: 'art', id: 'm1' })
    client.send('art', 'hello', { replyTo: 'm1' })
    client.send('art', 'hello', { replyTo: 'm2' })
    await loaded()
    expect(service.latest.groupMessages.map(({ data }) => data)).toMatchObject([
      { replyTo: undefined },
      { replyTo: 'm2' },
    ])
  })

  test('goes from sending over delivered to saved', async () => {
    let save = (): void => undefined
    service.latest.sendEvent = () => new Promise((resolve) => (save = resolve))
    client.send('art', 'hello')
    const message = client.conversations.of('art').entries[0]
    if (message?.kind !== 'message') throw new Error('It is not shown at once.')
    expect(statusOf(message)).toBe('sending')
    await loaded()
    expect(statusOf(message)).toBe('delivered')
    save()
    await loaded()
    expect(statusOf(message)).toBe('saved')
  })

  test('a refused message fails with the reason, and a retry reuses its id', async () => {
    service.latest.onEvent = ({ name, data }) => {
      const { id } = data as { id: string }
      service.latest.tell('error', { event: name, code: 'NotAMember', message: 'Join the chat first.', id })
    }
    client.send('art', 'hello')
    await loaded()
    const message = await lastMessage('art')
    expect(statusOf(message)).toBe('failed')
    expect(message.sent.reason).toBe(texts.refused('NotAMember'))
    expect(client.state.notices.up).toEqual([])

    service.latest.onEvent = () => undefined
    client.retry('art', message.id)
    await loaded()
    expect(statusOf(message)).toBe('saved')
    const ids = service.latest.events.filter(({ name }) => name === 'saveMessage').map(({ data }) => data)
    expect(ids).toEqual([
      { chatId: 'art', id: message.id, message: 'hello', replyTo: undefined },
      { chatId: 'art', id: message.id, message: 'hello', replyTo: undefined },
    ])
    expect(service.latest.groupMessages).toHaveLength(1)
  })

  test('a message that comes too fast waits as long as it is told and goes out by itself', async () => {
    const tooMany = { code: 'TooManyRequests', message: 'Try again in 3 s.', retryAfter: 3 }
    service.latest.onEvent = ({ name, data }) => {
      service.latest.tell('error', { event: name, ...tooMany, id: (data as { id: string }).id })
    }
    client.send('art', 'hello')
    await loaded()
    expect(statusOf(await lastMessage('art'))).toBe('delivered')
    service.latest.onEvent = () => undefined
    await clock.passAndSettle(2_999)
    expect(service.latest.namesOfEvents().filter((name) => name === 'saveMessage')).toHaveLength(1)
    await clock.passAndSettle(1)
    await loaded()
    expect(statusOf(await lastMessage('art'))).toBe('saved')
    expect(service.latest.groupMessages).toHaveLength(1)
    expect(client.state.notices.up).toEqual([])
  })

  test('in a moderated chat nothing goes to the group, and what is saved has been shown', async () => {
    client.state.chats.all.set('careful', chat('careful', ['ada', 'grace'], { moderated: true }))
    let save = (): void => undefined
    service.latest.sendEvent = () => new Promise((resolve) => (save = resolve))
    client.typing('careful')
    client.send('careful', 'hello')
    await loaded()
    const message = await lastMessage('careful')
    expect(statusOf(message)).toBe('sending')
    service.latest.receive({
      from: 'group',
      group: 'careful',
      data: { id: message.id, message: 'hello', fromUserId: 'ada', fromUserName: 'Ada' },
    })
    save()
    await loaded()
    expect(client.conversations.of('careful').entries).toHaveLength(1)
    expect(message.sent).toMatchObject({ delivered: true, saved: true })
    expect(service.latest.groupMessages).toEqual([])
  })

  test('a message refused in a moderated chat was shown to nobody and is tried again the same way', async () => {
    client.state.chats.all.set('careful', chat('careful', ['ada', 'grace'], { moderated: true }))
    service.latest.onEvent = ({ name, data }) => {
      const { id } = data as { id: string }
      service.latest.tell('error', { event: name, code: 'Forbidden', message: 'Not like this.', id })
    }
    client.send('careful', 'hello')
    await loaded()
    const message = await lastMessage('careful')
    expect(message.sent).toMatchObject({ delivered: false, failed: true, reason: texts.refused('Forbidden') })
    service.latest.onEvent = () => undefined
    client.retry('careful', message.id)
    await loaded()
    expect(message.sent).toMatchObject({ delivered: true, saved: true })
    expect(service.latest.groupMessages).toEqual([])
  })

  test('a message written while the connection is gone goes out when it is back', async () => {
    service.latest.onEvent = connectionGone
    service.latest.onGroupMessage = connectionGone
    client.send('art', 'hello')
    await clock.passAndSettle(5_000)
    expect(statusOf(await lastMessage('art'))).toBe('sending')
    service.latest.onEvent = () => undefined
    service.latest.onGroupMessage = () => undefined
    await clock.passAndSettle(1_000)
    await loaded()
    expect(statusOf(await lastMessage('art'))).toBe('saved')
  })

  test('a message that nothing answers for half a minute, though there is a connection, has failed', async () => {
    service.latest.onEvent = connectionGone
    service.latest.onGroupMessage = connectionGone
    client.send('art', 'hello')
    for (let second = 0; second < 32; second++) {
      await loaded()
      service.latest.listener.heard()
      clock.pass(1_000)
    }
    expect(statusOf(await lastMessage('art'))).toBe('failed')
  })

  test('messages written while the connection is gone go out in their order', async () => {
    service.latest.onEvent = connectionGone
    service.latest.onGroupMessage = connectionGone
    client.send('art', 'first')
    client.send('art', 'second')
    await loaded()
    await clock.passAndSettle(5_000)
    await loaded()
    service.latest.onEvent = () => undefined
    service.latest.onGroupMessage = () => undefined
    service.latest.events = []
    service.latest.groupMessages = []
    await clock.passAndSettle(1_000)
    await loaded()
    await loaded()
    const textOf = (data: unknown): string => (data as { message: string }).message
    expect(service.latest.events.map(({ data }) => textOf(data))).toEqual(['first', 'second'])
    expect(service.latest.groupMessages.map(({ data }) => textOf(data))).toEqual(['first', 'second'])
  })

  test('a message waits until the one before it is saved', async () => {
    const saves: (() => void)[] = []
    const sent: unknown[] = []
    service.latest.sendEvent = (_, data) => {
      sent.push((data as { message: string }).message)
      return new Promise((resolve) => saves.push(resolve))
    }
    client.send('art', 'first')
    client.send('art', 'second')
    await loaded()
    expect(sent).toEqual(['first'])
    expect(service.latest.groupMessages).toHaveLength(1)
    saves[0]?.()
    await loaded()
    expect(sent).toEqual(['first', 'second'])
  })

  test('what the service refuses to send to the group is not tried again, and counts once it is saved', async () => {
    service.latest.onGroupMessage = () => {
      throw new SendError(true, 'No.')
    }
    client.send('art', 'hello')
    await loaded()
    await clock.passAndSettle(5_000)
    expect(service.latest.groupMessages).toHaveLength(1)
    expect(statusOf(await lastMessage('art'))).toBe('saved')
  })

  test('a message that is tried again is being sent, and one that is saved is not sent again', async () => {
    service.latest.onEvent = ({ name, data }) => {
      const { id } = data as { id: string }
      service.latest.tell('error', { event: name, code: 'Forbidden', message: 'Not now.', id })
    }
    service.latest.onGroupMessage = () => {
      throw new SendError(true, 'No.')
    }
    client.send('art', 'hello')
    await loaded()
    const message = await lastMessage('art')
    expect(statusOf(message)).toBe('failed')
    service.latest.onEvent = () => undefined
    client.retry('art', message.id)
    await Promise.resolve()
    expect(statusOf(message)).toBe('sending')
    await loaded()
    expect(statusOf(message)).toBe('saved')
    const before = service.latest.events.length
    client.retry('art', message.id)
    await loaded()
    expect(service.latest.events).toHaveLength(before)
  })

  test('a message saved late stands where the history says, behind what came in between', async () => {
    service.latest.onEvent = connectionGone
    service.latest.onGroupMessage = connectionGone
    client.send('art', 'early')
    await loaded()
    await clock.passAndSettle(4_000)
    await loaded()
    service.latest.say('art', 'grace', { id: 'between', message: 'hi' })
    api.history.set('art', [stored('between', clock.now())])
    await client.conversations.open('art')
    service.latest.onEvent = ({ data }) => {
      const { id } = data as { id: string }
      const time = new Date(clock.now()).toISOString()
      service.latest.tell('messageSaved', { chatId: 'art', id, time })
    }
    service.latest.onGroupMessage = () => undefined
    await clock.passAndSettle(1_000)
    await loaded()
    const shown = client.conversations
      .of('art')
      .entries.map((entry) => entry.kind === 'message' && [entry.text, entry.time])
    expect(shown).toEqual([
      ['text of between', clock.now() - 1_000],
      ['early', clock.now()],
    ])
  })

  test('a message that was deleted before its author heard that it is kept goes', async () => {
    service.latest.onEvent = ({ data }) => {
      service.latest.tell('messageDeleted', { chatId: 'art', id: (data as { id: string }).id })
    }
    client.send('art', 'hello')
    await loaded()
    expect(client.conversations.of('art').entries).toEqual([])
  })
})
