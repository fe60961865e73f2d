import { describe, expect, test } from 'vitest'
import {
  applyToChats,
  chatSections,
  emptyChats,
  privateChatWith,
  replaceChats,
  titleOf,
} from '../src/state/chats'
import { dismiss, noNotices, notify } from '../src/state/notices'
import {
  applyToPeople,
  dropGone,
  emptyPeople,
  isNewArrival,
  peopleInOrder,
  replacePeople,
} from '../src/state/people'
import { clearUnread, countUnread, emptyUnread, countedInAll, unreadOf } from '../src/state/unread'
import type { BackendEvent } from '../src/wire/events'
import { chat, user } from './fakes'

const names = (chats: { name: string }[]): string[] => chats.map(({ name }) => name)

describe('chats', () => {
  test('stand in three lists, each by name', () => {
    const state = emptyChats()
    const privateChat = chat('private_1', ['ada', 'grace'], { kind: 'private', owner: '' })
    replaceChats(state, [
      chat('zoo', ['ada']),
      chat('art', ['ada', 'grace']),
      chat('open', ['grace']),
      privateChat,
    ])
    const sections = chatSections(state, 'ada')
    expect(names(sections.mine)).toEqual(['art', 'zoo'])
    expect(names(sections.open)).toEqual(['open'])
    expect(names(sections.private)).toEqual(['private_1'])
  })

  test('events applied a second time change nothing', () => {
    const events: BackendEvent[] = [
      { kind: 'chatCreated', chat: chat('new', ['grace']) },
      { kind: 'memberJoined', chatId: 'new', userId: 'ada', userName: 'Ada' },
      { kind: 'memberLeft', chatId: 'new', userId: 'grace', userName: 'Grace', removed: false },
      { kind: 'chatDeleted', chatId: 'old' },
    ]
    const state = emptyChats()
    replaceChats(state, [chat('old', ['ada'])])
    events.forEach((event) => applyToChats(state, event, 'ada'))
    const once = structuredClone(state)
    events.forEach((event) => applyToChats(state, event, 'ada'))
    expect(state).toEqual(once)
    expect([...state.all.keys()]).toEqual(['new'])
    expect([...(state.all.get('new')?.members.keys() ?? [])]).toEqual(['ada'])
  })

  test('a creation told late does not undo who has joined since', () => {
    const state = emptyChats()
    replaceChats(state, [chat('c', ['grace', 'ada'])])
    applyToChats(state, { kind: 'chatCreated', chat: chat('c', ['grace']) }, 'ada')
    expect(state.all.get('c')?.members.size).toBe(2)
  })

  test('who came and went before we joined is known once we have', () => {
    const state = emptyChats()
    replaceChats(state, [chat('c', ['grace', 'linus'])])
    applyToChats(state, { kind: 'chatJoined', chat: chat('c', ['grace', 'hedy', 'ada']) }, 'ada')
    applyToChats(state, { kind: 'memberJoined', chatId: 'c', userId: 'ada', userName: 'Ada' }, 'ada')
    expect([...(state.all.get('c')?.members.keys() ?? [])]).toEqual(['grace', 'hedy', 'ada'])
  })

  test('a private chat one has left is out of sight, one the other has left is not', () => {
    const state = emptyChats()
    const members = new Map(chat('', ['ada', 'grace']).members)
    applyToChats(
      state,
      { kind: 'joinPrivateChat', chatId: 'p', name: 'Chat with grace', grabFocus: false, members },
      'ada',
    )
    expect(privateChatWith(state, 'grace', 'ada')?.id).toBe('p')
    applyToChats(
      state,
      { kind: 'memberLeft', chatId: 'p', userId: 'grace', userName: 'Grace', removed: false },
      'ada',
    )
    expect(privateChatWith(state, 'grace', 'ada')).toBeNull()
    const left = state.all.get('p')
    expect(left && titleOf(left, 'ada')).toBe('Chat with grace')
    applyToChats(
      state,
      { kind: 'memberLeft', chatId: 'p', userId: 'ada', userName: 'Ada', removed: false },
      'ada',
    )
    expect(state.all.size).toBe(0)
  })
})

describe('people', () => {
  test('stand in order: oneself, those who are there, those who are idle', () => {
    const state = emptyPeople()
    replacePeople(state, [user('zoe'), user('bob', true), user('ada'), user('cleo')])
    expect(peopleInOrder(state, 'zoe').map(({ userId }) => userId)).toEqual(['zoe', 'ada', 'cleo', 'bob'])
  })

  test('come, idle, return and go', () => {
    const state = emptyPeople()
    applyToPeople(state, { kind: 'userOnline', user: user('ada') }, 0)
    applyToPeople(state, { kind: 'userIsIdle', userId: 'ada' }, 0)
    expect(state.online.get('ada')?.idle).toBe(true)
    applyToPeople(state, { kind: 'userNotIdle', userId: 'ada' }, 0)
    expect(state.online.get('ada')?.idle).toBe(false)
    applyToPeople(state, { kind: 'userOffline', userId: 'ada' }, 0)
    dropGone(state, 'ada', 0)
    expect(state.online.size).toBe(0)
  })

  test('somebody who only reloaded the page is no news', () => {
    const state = emptyPeople()
    expect(isNewArrival(state, 'ada', 0)).toBe(true)
    applyToPeople(state, { kind: 'userOnline', user: user('ada') }, 0)
    expect(isNewArrival(state, 'ada', 0)).toBe(false)
    applyToPeople(state, { kind: 'userOffline', userId: 'ada' }, 1_000)
    dropGone(state, 'ada', 1_000)
    expect(isNewArrival(state, 'ada', 5_000)).toBe(false)
    expect(isNewArrival(state, 'ada', 60_000)).toBe(true)
  })
})

test('unread messages are counted by chat and in all', () => {
  const state = emptyUnread()
  countUnread(state, 'a', 1)
  countUnread(state, 'a', 2)
  countUnread(state, 'b', 3)
  expect([unreadOf(state, 'a'), countedInAll(state, () => 'all')]).toEqual([2, 3])
  clearUnread(state, 'a', 4)
  expect([unreadOf(state, 'a'), countedInAll(state, () => 'all')]).toEqual([0, 1])
})

test('of many notices the newest three stay, and a repeated one stands there once', () => {
  const state = noNotices()
  for (const text of ['a', 'b', 'c', 'd', 'c']) notify(state, text)
  expect(state.up.map(({ text }) => text)).toEqual(['b', 'd', 'c'])
  dismiss(state, state.up[0]?.id ?? 0)
  expect(state.up.map(({ text }) => text)).toEqual(['d', 'c'])
})
