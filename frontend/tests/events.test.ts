import { describe, expect, test } from 'vitest'
import { readEnvelope, type Envelope } from '../src/wire/events'
import { wireChat } from './fakes'

const fromBackend = (chatEvent: string, data: unknown): Envelope => ({
  from: 'server',
  data: { chatEvent, data },
})

describe('events of the backend', () => {
  const ada = { userId: 'ada', userName: 'Ada', userProvider: 'guest', idle: false }
  const membership = { chatId: 'c', userId: 'ada', userName: 'Ada' }

  test.each([
    ['chatDeleted', 'c', { kind: 'chatDeleted', chatId: 'c' }],
    ['userOnline', JSON.stringify(ada), { kind: 'userOnline', user: ada }],
    ['userOffline', 'ada', { kind: 'userOffline', userId: 'ada' }],
    ['userIsIdle', 'ada', { kind: 'userIsIdle', userId: 'ada' }],
    ['userNotIdle', 'ada', { kind: 'userNotIdle', userId: 'ada' }],
    ['memberJoined', JSON.stringify(membership), { kind: 'memberJoined', ...membership }],
    [
      'memberLeft',
      JSON.stringify({ ...membership, removed: true }),
      { kind: 'memberLeft', ...membership, removed: true },
    ],
    [
      'messageEdited',
      JSON.stringify({
        chatId: 'c',
        id: 'm',
        message: 'ho',
        mentions: ['ada'],
        editedAt: '2024-05-01T12:00:00.001Z',
      }),
      {
        kind: 'messageEdited',
        chatId: 'c',
        id: 'm',
        message: 'ho',
        mentions: ['ada'],
        editedAt: Date.parse('2024-05-01T12:00:00.001Z'),
      },
    ],
    [
      'messageDeleted',
      JSON.stringify({ chatId: 'c', id: 'm' }),
      { kind: 'messageDeleted', chatId: 'c', id: 'm' },
    ],
    ['chatRead', JSON.stringify({ chatId: 'c', id: 'm' }), { kind: 'chatRead', chatId: 'c', id: 'm' }],
    [
      'reaction',
      JSON.stringify({ chatId: 'c', id: 'm', userId: 'ada', emoji: '👍', on: true }),
      { kind: 'reaction', chatId: 'c', id: 'm', userId: 'ada', emoji: '👍', on: true },
    ],
    [
      'error',
      JSON.stringify({ event: 'joinChat', code: 'ChatNotFound', message: 'No such chat.', id: 'c' }),
      {
        kind: 'error',
        refusal: { event: 'joinChat', code: 'ChatNotFound', message: 'No such chat.', id: 'c' },
      },
    ],
    [
      'error',
      JSON.stringify({ event: 'joinChat', code: 'TooManyRequests', message: 'Wait.', retryAfter: 2 }),
      {
        kind: 'error',
        refusal: { event: 'joinChat', code: 'TooManyRequests', message: 'Wait.', retryAfter: 2 },
      },
    ],
  ])('%s is read', (name, data, expected) => {
    expect(readEnvelope(fromBackend(name, data))).toEqual(expected)
  })

  test('a chat is read with its members', () => {
    const event = readEnvelope(fromBackend('chatCreated', JSON.stringify(wireChat('c', ['ada', 'grace']))))
    expect(event).toMatchObject({ kind: 'chatCreated', chat: { id: 'c', owner: 'ada', kind: 'public' } })
    expect(event?.kind === 'chatCreated' && [...event.chat.members.keys()]).toEqual(['ada', 'grace'])
  })

  test('a chat is moderated only when it says so', () => {
    const chat = wireChat('c', ['ada'])
    const read = (more: object) =>
      readEnvelope(fromBackend('chatJoined', JSON.stringify({ ...chat, ...more })))
    expect(read({ moderated: true })).toMatchObject({ chat: { moderated: true } })
    expect(read({ moderated: undefined })).toMatchObject({ chat: { moderated: false } })
    expect(read({ moderated: 'yes' })).toMatchObject({ chat: { moderated: false } })
  })

  test('a private chat is read with who asked for it', () => {
    const data = JSON.stringify({ id: 'private_1', name: 'Chat with Grace', grabFocus: true, members: {} })
    expect(readEnvelope(fromBackend('joinPrivateChat', data))).toMatchObject({
      chatId: 'private_1',
      grabFocus: true,
    })
  })

  test('what the backend sends to a group counts', () => {
    const envelope: Envelope = { from: 'group', group: 'c', data: { chatEvent: 'chatDeleted', data: 'c' } }
    expect(readEnvelope(envelope)).toEqual({ kind: 'chatDeleted', chatId: 'c' })
  })

  test('a message that the backend shows is from whom it says', () => {
    const data = { id: 'm', message: 'hi', fromUserId: 'ada', fromUserName: 'Ada', replyTo: 'r' }
    const shown = { kind: 'message', chatId: 'c', userId: 'ada', id: 'm', message: 'hi', replyTo: 'r' }
    expect(readEnvelope({ from: 'group', group: 'c', data })).toEqual(shown)
  })

  test.each([[{ message: 'hi' }], [{ typing: true, fromUserId: 'ada' }], ['hi'], [{ fromUserId: 'ada' }]])(
    'of the backend %j in a group means nothing',
    (data) => {
      expect(readEnvelope({ from: 'group', group: 'c', data })).toBeNull()
    },
  )

  test('a browser that sends a chatEvent to a group is not believed', () => {
    const data = { chatEvent: 'chatDeleted', data: 'c' }
    expect(readEnvelope({ from: 'group', group: 'c', fromUserId: 'mallory', data })).toBeNull()
  })

  test.each([
    ['an unknown event', fromBackend('newest', 'x')],
    ['a name of every object', fromBackend('constructor', 'x')],
    ['an event without data', fromBackend('userOnline', undefined)],
    ['data that is no JSON', fromBackend('chatCreated', '{')],
    ['an edit without a time', fromBackend('messageEdited', '{"chatId":"c","id":"m","message":"x"}')],
    ['JSON of another shape', fromBackend('memberJoined', '[1]')],
    ['no fields at all', { from: 'server', data: null }],
    ['bare text of the backend', { from: 'server', data: 'hello' }],
  ] satisfies [string, Envelope][])('%s means nothing', (_, envelope) => {
    expect(readEnvelope(envelope)).toBeNull()
  })
})

describe('messages of browsers', () => {
  const from = (data: unknown): Envelope => ({ from: 'group', group: 'c', fromUserId: 'grace', data })

  test('the sender is what the service says, not what the payload says', () => {
    const data = { id: 'm', message: 'hi', fromUserId: 'ada', fromUserName: 'Ada' }
    expect(readEnvelope(from(data))).toMatchObject({ kind: 'message', chatId: 'c', userId: 'grace', id: 'm' })
  })

  test('typing is read', () => {
    expect(readEnvelope(from({ typing: true }))).toEqual({ kind: 'typing', chatId: 'c', userId: 'grace' })
  })

  test('bare text is a message without an id', () => {
    expect(readEnvelope(from('hi'))).toMatchObject({ kind: 'message', id: null, message: 'hi' })
  })

  test.each([[{}], [{ message: 7 }], [{ message: '' }], [[]], [null], [42]])('%j means nothing', (data) => {
    expect(readEnvelope(from(data))).toBeNull()
  })
})
