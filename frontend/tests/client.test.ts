import { beforeEach, describe, expect, test, vi } from 'vitest'
import { ApiError } from '../src/api'
import type { Client } from '../src/client/client'
import { SendError } from '../src/connection/socket'
import { messageIn } from '../src/state/conversation'
import { lingersMs } from '../src/state/people'
import { unreadOf } from '../src/state/unread'
import {
  chat,
  stored,
  user,
  wireChat,
  settled,
  type FakeApi,
  type FakeClock,
  type FakeService,
} from './fakes'
import { loaded, reconnected, signedIn, type Page } from './signedIn'

let page: Page
let clock: FakeClock
let service: FakeService
let api: FakeApi
let client: Client

const noticesUp = (): string[] => client.state.notices.up.map(({ text }) => text)
const idsIn = (chatId: string): string[] => client.conversations.of(chatId).entries.map(({ id }) => id)

beforeEach(async () => {
  page = await signedIn()
  ;({ clock, service, api, client } = page)
})

describe('arriving', () => {
  test('says who is there and loads the lists', () => {
    expect(service.latest.events[0]).toEqual({
      name: 'userConnected',
      data: { userName: 'Ada', userProvider: 'guest' },
    })
    expect([...client.state.chats.all.keys()]).toEqual(['art', 'open'])
    expect([...client.state.people.online.keys()]).toEqual(['ada', 'grace'])
    expect(client.state.directoryLoaded).toBe(true)
  })

  test('an event that comes while the lists are on their way is not lost', async () => {
    api.beforeAnswer = () => {
      api.beforeAnswer = () => undefined
      service.latest.tell('chatCreated', wireChat('new', ['grace']))
      service.latest.tell('chatDeleted', 'open')
      service.latest.tell('userOffline', 'grace')
    }
    await reconnected(page)
    clock.pass(lingersMs)
    expect([...client.state.chats.all.keys()]).toEqual(['art', 'new'])
    expect([...client.state.people.online.keys()]).toEqual(['ada'])
  })

  test('a greeting the backend could not take is given again', async () => {
    service.latest.listener.ended()
    clock.pass(1)
    service.latest.onEvent = () => {
      service.latest.onEvent = () => undefined
      throw new SendError(true, 'InternalServerError')
    }
    service.latest.greet()
    await loaded()
    await clock.passAndSettle(5_000)
    expect(service.latest.namesOfEvents()).toEqual(['userConnected', 'userConnected'])
  })

  test('lists that cannot be loaded are tried again', async () => {
    api.failure = new ApiError(503, 'Unavailable', 'Storage is away.', 'id-of-the-call')
    api.chats = [chat('later', ['grace'])]
    await reconnected(page)
    expect(client.state.chats.all.has('later')).toBe(false)
    expect(client.state.notices.up.map((notice) => notice.reference)).toEqual(['id-of-the-call'])
    api.failure = null
    clock.pass(3_000)
    await loaded()
    expect(client.state.chats.all.has('later')).toBe(true)
  })

  test('a connection that is somebody else’s is not used: another tab has signed in anew', async () => {
    service.latest.listener.ended()
    clock.pass(1)
    service.latest.userId = 'mallory'
    service.latest.greet()
    await loaded()
    expect(page.signedOut).toBe(true)
    expect(client.state.connection.phase).toBe('stopped')
    expect(service.latest.events).toEqual([])
  })

  test('a sign-in that is gone ends the attempts', async () => {
    service.latest.listener.ended()
    clock.pass(1)
    service.latest.started?.reject(new ApiError(401, 'NotSignedIn', 'Sign in first.'))
    await settled()
    expect(page.signedOut).toBe(true)
    expect(client.state.connection.phase).toBe('stopped')
  })
})

describe('receiving', () => {
  const from = (userId: string, id: string): void =>
    service.latest.say('art', userId, { id, message: 'hi', fromUserId: 'forged', fromUserName: 'Forged' })

  test('a message of another counts as unread until it is seen', () => {
    from('grace', 'm1')
    expect(unreadOf(client.state.unread, 'art')).toBe(1)
    client.see('art', true)
    from('grace', 'm2')
    expect(unreadOf(client.state.unread, 'art')).toBe(0)
    expect(messageIn(client.conversations.of('art'), 'm1')?.authorId).toBe('grace')
  })

  test('going from one chat to another leaves the other one seen', () => {
    client.see('open', true)
    client.see('art', true)
    client.see('open', false)
    from('grace', 'm1')
    expect(unreadOf(client.state.unread, 'art')).toBe(0)
  })

  test('what the backend shows in the name of another is theirs and is unread', () => {
    const data = { id: 'm1', message: 'hi', fromUserId: 'grace', fromUserName: 'Grace' }
    service.latest.receive({ from: 'group', group: 'art', data })
    service.latest.receive({ from: 'group', group: 'art', data })
    expect(unreadOf(client.state.unread, 'art')).toBe(1)
    expect(messageIn(client.conversations.of('art'), 'm1')?.authorId).toBe('grace')
  })

  test("one's own message from another tab is shown and is not unread", () => {
    from('ada', 'm1')
    expect(idsIn('art')).toEqual(['m1'])
    expect(unreadOf(client.state.unread, 'art')).toBe(0)
  })

  test('their message ends their typing', () => {
    service.latest.say('art', 'grace', { typing: true })
    expect(client.state.typing.heardAt.get('art')?.has('grace')).toBe(true)
    from('grace', 'm1')
    expect(client.state.typing.heardAt.get('art')?.has('grace')).toBe(false)
  })

  test('who joined and left stands in the chat, once', () => {
    const bob = { chatId: 'art', userId: 'bob', userName: 'Bob' }
    service.latest.tell('memberJoined', bob)
    service.latest.tell('memberJoined', bob)
    service.latest.tell('memberLeft', { ...bob, removed: false })
    const lines = client.conversations.of('art').entries.map((entry) => entry.kind === 'system' && entry.what)
    expect(lines).toEqual(['joined', 'left'])
    expect(client.state.chats.all.get('art')?.members.has('bob')).toBe(false)
  })

  test('being removed is told and closes the chat', () => {
    service.latest.tell('memberLeft', { chatId: 'art', userId: 'ada', userName: 'Ada', removed: true })
    expect(noticesUp()).toEqual(['You were removed from “art”'])
    expect(client.state.chats.all.get('art')?.members.has('ada')).toBe(false)
  })

  test.each(['before', 'after'])(
    'what is refused %s one is told of being removed is no news of its own',
    async (when) => {
      const removed = (): void =>
        service.latest.tell('memberLeft', { chatId: 'art', userId: 'ada', userName: 'Ada', removed: true })
      service.latest.onEvent = ({ name }) =>
        service.latest.tell('error', { event: name, code: 'NotAMember', message: 'Join first.', id: 'm1' })
      api.history.set('art', [stored('m1', clock.now())])
      await client.conversations.open('art')
      api.messages = () => Promise.reject(new ApiError(403, 'NotAMember', 'Join first.'))
      if (when === 'after') removed()
      client.see('art', true)
      await client.conversations.open('art')
      await client.conversations.readOpenAgain()
      await client.conversations.loadBackTo('art', 'm0')
      await clock.passAndSettle(10_000)
      if (when === 'before') removed()
      expect(noticesUp()).toEqual(['You were removed from “art”'])
    },
  )

  test('who comes is news, unless it is oneself', () => {
    service.latest.tell('userOnline', user('bob'))
    service.latest.tell('userOnline', user('bob'))
    service.latest.tell('userOnline', user('ada'))
    expect(noticesUp()).toEqual(['bob is online'])
  })

  test('an error nobody waits for is told', () => {
    service.latest.tell('error', { event: 'x', code: 'Forbidden', message: 'That is not allowed.' })
    expect(noticesUp()).toEqual(['You can only do that for yourself.'])
  })
})

describe('chats', () => {
  test('one that is made here is there as soon as the backend has taken it', async () => {
    const id = await client.actions.createChat({ name: 'Lunch', kind: 'public', moderated: false })
    expect(service.latest.events.at(-1)).toEqual({
      name: 'createChat',
      data: { id, name: 'Lunch', kind: 'public', moderated: false },
    })
    expect(client.state.chats.all.get(id)).toMatchObject({ name: 'Lunch', owner: 'ada', moderated: false })
    service.latest.tell('chatCreated', { ...wireChat(id, ['ada']), name: 'Lunch' })
    expect(noticesUp()).toEqual([])
  })

  test('joining and leaving change what one is a member of', async () => {
    await client.actions.joinChat('open')
    expect(client.state.chats.all.get('open')?.members.has('ada')).toBe(true)
    await client.actions.leaveChat('open')
    expect(client.state.chats.all.get('open')?.members.has('ada')).toBe(false)
  })

  test('a refused action is told in words of the page, not of the backend', async () => {
    service.latest.onEvent = ({ name, data }) =>
      service.latest.tell('error', {
        event: name,
        code: 'NotTheOwner',
        message: 'Only the owner may.',
        id: data,
      })
    expect(await client.attempt(() => client.actions.deleteChat('open'))).toBeNull()
    expect(noticesUp()).toEqual(["Only the chat's owner can do that."])
    expect(client.state.chats.all.has('open')).toBe(true)
  })

  test('a private chat opens where it was asked for, and is there in any case', async () => {
    const members = { ada: { userId: 'ada', userName: 'Ada' }, bob: { userId: 'bob', userName: 'Bob' } }
    const told = { id: 'private_1', name: 'Chat with Bob', grabFocus: true, members }
    service.latest.tell('joinPrivateChat', told)
    expect(page.shown).toEqual([])
    service.latest.tell('memberLeft', { chatId: 'private_1', userId: 'bob', userName: 'Bob', removed: false })
    expect(await client.actions.openPrivateChat('bob')).toBeNull()
    service.latest.tell('joinPrivateChat', told)
    expect(page.shown).toEqual(['private_1'])
    expect(await client.actions.openPrivateChat('bob')).toBe('private_1')
  })

  test('who else is in a chat that one has joined in another tab is looked up', async () => {
    api.chats = [chat('open', ['grace', 'bob', 'ada'])]
    service.latest.tell('memberJoined', { chatId: 'open', userId: 'ada', userName: 'Ada' })
    await loaded()
    expect([...(client.state.chats.all.get('open')?.members.keys() ?? [])]).toEqual(['grace', 'bob', 'ada'])
  })

  test('nothing is looked up where one joins oneself: the answer says who is in', async () => {
    const publicChats = vi.spyOn(api, 'publicChats')
    service.latest.onEvent = ({ name }) => {
      if (name !== 'joinChat') return
      service.latest.tell('memberJoined', { chatId: 'open', userId: 'ada', userName: 'Ada' })
    }
    await client.actions.joinChat('open')
    await loaded()
    expect(publicChats).not.toHaveBeenCalled()
  })

  test('the lists are loaded again when the owner leaves, since another one takes over', async () => {
    api.chats = [chat('art', ['ada']), chat('open', ['bob'])]
    service.latest.tell('memberLeft', { chatId: 'open', userId: 'grace', userName: 'Grace', removed: false })
    await loaded()
    expect(client.state.chats.all.get('open')?.owner).toBe('bob')
  })

  test('older messages come page by page until the beginning', async () => {
    api.pageSize = 2
    api.history.set(
      'art',
      [1, 2, 3, 4, 5].map((number) => stored(`m${number}`, clock.now() - 1_000 + number)),
    )
    await client.conversations.open('art')
    expect(idsIn('art')).toEqual(['m4', 'm5'])
    await client.conversations.loadOlder('art')
    await client.conversations.loadOlder('art')
    await client.conversations.loadOlder('art')
    expect(idsIn('art')).toEqual(['m1', 'm2', 'm3', 'm4', 'm5'])
    expect(client.conversations.of('art').complete).toBe(true)
  })
})

test('what was seen last is told before the page can end, and the draft is kept', async () => {
  api.history.set('art', [stored('m1', clock.now())])
  await client.conversations.open('art')
  client.see('art', true)
  service.latest.say('art', 'grace', { id: 'm2', message: 'and this' })
  client.see('art', true)
  client.drafts.write('art', 'half a thought')
  client.flush()
  client.connection.stop()
  expect(service.latest.events.at(-1)).toEqual({ name: 'markRead', data: { chatId: 'art', id: 'm2' } })
  expect(page.storage.read('chatr.draft/ada/art')).toContain('half a thought')
})
