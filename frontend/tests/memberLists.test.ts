/** Chats of more members than the lists of chats name. */
import { describe, expect, test } from 'vitest'
import { ApiError } from '../src/api'
import { messageIn } from '../src/state/conversation'
import type { Chat } from '../src/wire/model'
import { isPartial, readChat } from '../src/wire/model'
import { chat, user, wireChat } from './fakes'
import { loaded, reconnected, signedIn, type Page } from './signedIn'

const everybody = ['ada', ...Array.from({ length: 1_200 }, (_, number) => `user${number}`)]
const far = 'user1199'

/** Ada is in a chat of 1,201 of whom the lists name 100. */
async function inCrowd(): Promise<Page & { crowd: () => Chat }> {
  const page = await signedIn()
  const listed = everybody.slice(1, 101)
  page.api.mine = [chat('crowd', listed, { partial: true })]
  page.api.chats = []
  page.api.everybody.set('crowd', [...everybody])
  await reconnected(page)
  const crowd = (): Chat => page.client.state.chats.all.get('crowd') ?? chat('none', [])
  return { ...page, crowd }
}

const messageId = '11111111-1111-4111-8111-111111111111'
const say = ({ service }: Page, from: string, mentions: string[] = []): void =>
  service.latest.say('crowd', from, { id: messageId, message: 'hi', mentions })

test('a chat of as many members as a list names may have more', () => {
  const listed = readChat(wireChat('crowd', everybody.slice(0, 100)))
  expect(listed?.partial).toBe(true)
  expect(readChat(wireChat('tea', everybody.slice(0, 99)))?.partial).toBe(false)
  expect(isPartial(new Map())).toBe(false)
})

describe('the list of all members', () => {
  test('is asked for when it is needed, once for all who need it', async () => {
    const page = await inCrowd()
    expect(page.api.askedForMembers).toEqual([])
    const names = [far, far, 'user500'].map((userId) => page.client.naming.known(userId, page.crowd()))
    expect(names).toEqual([undefined, undefined, undefined])
    await Promise.all([page.client.completeMembers('crowd'), page.client.completeMembers('crowd')])
    expect(page.api.askedForMembers).toEqual(['crowd'])
    expect(page.client.naming.known(far, page.crowd())).toBe(far)
    expect([...page.crowd().members.keys()].sort()).toEqual([...everybody].sort())
  })

  test('is not asked for where everybody is named, nor again for who is no member', async () => {
    const page = await inCrowd()
    page.client.naming.known('stranger', chat('tea', ['ada']))
    await page.client.completeMembers('crowd')
    page.client.naming.known('stranger', page.crowd())
    await page.client.completeMembers('crowd')
    await page.client.completeMembers('nowhere')
    expect(page.api.askedForMembers).toEqual(['crowd'])
  })

  test('knows who came and went while it was read', async () => {
    const page = await inCrowd()
    page.api.beforeAnswer = () => {
      page.service.latest.tell('memberLeft', {
        chatId: 'crowd',
        userId: far,
        userName: far,
        removed: false,
      })
      page.service.latest.tell('memberJoined', { chatId: 'crowd', userId: 'new', userName: 'New' })
    }
    await page.client.completeMembers('crowd')
    const { members } = page.crowd()
    expect([members.has(far), members.get('new')?.userName]).toEqual([false, 'New'])
  })

  test('stays known when the lists are loaded anew, and is then read again, without who has left', async () => {
    const page = await inCrowd()
    await page.client.completeMembers('crowd')
    page.api.everybody.set('crowd', everybody.slice(0, -1))
    await reconnected(page)
    expect(page.client.naming.known(far, page.crowd())).toBe(far)
    await page.client.completeMembers('crowd')
    expect(page.crowd().members.has(far)).toBe(false)
  })

  test('that cannot be had is not asked for again at every missing name', async () => {
    const page = await inCrowd()
    page.api.failure = new ApiError(503, 'Unavailable', 'away')
    for (let times = 0; times < 3; times++) {
      page.client.naming.known(far, page.crowd())
      await loaded()
    }
    await expect(page.client.completeMembers('crowd')).rejects.toThrow('away')
    page.api.failure = null
    page.client.naming.known(far, page.crowd())
    await loaded()
    expect(page.api.askedForMembers).toEqual([])
    page.clock.pass(30_000)
    page.client.naming.known(far, page.crowd())
    await loaded()
    expect(page.client.naming.known(far, page.crowd())).toBe(far)
  })
})

describe('somebody whom no list names', () => {
  test('is known by name when they speak, in the notification too', async () => {
    const page = await inCrowd()
    say(page, far)
    await loaded()
    expect(page.announced.map(({ author }) => author)).toEqual([far])
  })

  test('is known as mentioned before the history says so, and who is no member is not', async () => {
    const page = await inCrowd()
    page.api.online = [user('stranger')]
    say(page, 'user1', ['user2', far, 'stranger'])
    await loaded()
    const message = messageIn(page.client.conversations.of('crowd'), messageId)
    expect(message?.mentions).toEqual(['user2', far])
  })

  test('is offered to who writes a mention', async () => {
    const page = await inCrowd()
    expect([...page.client.membersOf(page.crowd())].length).toBe(101)
    await loaded()
    expect([...page.client.membersOf(page.crowd())].length).toBe(everybody.length)
  })
})
