import { beforeEach, describe, expect, test } from 'vitest'
import { messageIn } from '../src/state/conversation'
import { mentionsOf, unreadOf } from '../src/state/unread'
import { isStillNews } from '../src/client/stillNews'
import { dismissOfChat, keepNews, notifyOfChat } from '../src/state/notices'
import { settled, wireChat } from './fakes'
import { loaded, reconnected, signedIn, type Page } from './signedIn'

let page: Page

const say = (data: object): void => page.service.latest.say('art', 'grace', data)
const announced = (): [string, boolean][] => page.announced.map(({ text, mentioned }) => [text, mentioned])
const leadTo = (): (string | undefined)[] => page.client.state.notices.up.map(({ chatId }) => chatId)
const counted = (): number[] => {
  const { unread } = page.client.state
  return [unreadOf(unread, 'art'), mentionsOf(unread, 'art')]
}

beforeEach(async () => {
  page = await signedIn()
})

describe('a message that is not seen', () => {
  test('is announced, once, and one that is seen is not', () => {
    say({ id: 'm1', message: 'hello' })
    say({ id: 'm1', message: 'hello' })
    page.client.see('art', true)
    say({ id: 'm2', message: 'seen' })
    expect(announced()).toEqual([['hello', false]])
    expect(counted()).toEqual([0, 0])
  })

  test('mentions whom it names by id, whatever its words are', () => {
    say({ id: 'm1', message: 'hello @Ada', mentions: ['ada'] })
    say({ id: 'm2', message: 'another @Ada is meant', mentions: ['grace'] })
    say({ id: 'm3', message: 'not said by this page: @Ada' })
    expect(announced().map(([, mentioned]) => mentioned)).toEqual([true, false, false])
    expect(counted()).toEqual([3, 1])
  })

  test('is believed to mention members only, each once, and no more than the backend takes', () => {
    const strangers = Array.from({ length: 30 }, (_, number) => `stranger ${number}`)
    say({ id: 'm1', message: 'hi', mentions: [...strangers, 'ada', 7, 'ada'] })
    const message = messageIn(page.client.conversations.of('art'), 'm1')
    expect(message?.mentions).toEqual(['ada'])
    say({ id: 'm2', message: 'hi', mentions: 'ada' })
    expect(counted()).toEqual([2, 1])
  })

  test('mentions oneself also in a chat of which only others are listed', () => {
    page.client.state.chats.all.get('art')?.members.delete('ada')
    say({ id: 'm1', message: 'hello @Ada', mentions: ['ada'] })
    expect(announced()).toEqual([['hello @Ada', true]])
    expect(counted()).toEqual([1, 1])
  })

  test('mentions whom the backend says in a chat where it shows the messages', () => {
    const data = { id: 'm1', message: 'hi', fromUserId: 'grace', fromUserName: 'G', mentions: ['ada'] }
    page.service.latest.receive({ from: 'group', group: 'art', data })
    expect(announced()).toEqual([['hi', true]])
  })
})

test("one's own message tells the group whom it mentions", async () => {
  page.client.send('art', 'hello @grace', { mentions: ['grace'] })
  await settled()
  expect(page.service.latest.groupMessages[0]?.data).toMatchObject({ mentions: ['grace'] })
})

test('of a chat that others begin one is told with a way there, until one is there', () => {
  page.service.latest.tell('chatCreated', wireChat('new', ['grace']))
  page.service.latest.tell('joinPrivateChat', { ...wireChat('pair', ['ada', 'grace']), grabFocus: false })
  expect(leadTo()).toEqual(['new', 'pair'])
  dismissOfChat(page.client.state.notices, 'pair')
  expect(leadTo()).toEqual(['new'])
})

describe('what one was told of', () => {
  const told = (event: string, data: object): void => page.service.latest.tell(event, data)
  const isNews = (messageId?: string, chatId = 'art'): boolean =>
    isStillNews(page.client.state, chatId, messageId)
  /** What the notices that are up tell of. */
  const up = (): string[] => {
    const { notices } = page.client.state
    keepNews(notices, (chatId, messageId) => isNews(messageId, chatId))
    return notices.up.map(({ text }) => text)
  }

  beforeEach(() => {
    ;['m1', 'm2'].forEach((id) => say({ id, message: id }))
    const { notices } = page.client.state
    for (const { text, chat, messageId } of page.announced) notifyOfChat(notices, text, chat.id, messageId)
    notifyOfChat(notices, 'the chat is new', 'art')
  })

  test.each([
    ['is read here', ['the chat is new'], (): void => page.client.see('art', true)],
    ['is read elsewhere', ['the chat is new'], (): void => told('chatRead', { chatId: 'art', id: 'm2' })],
    ['is partly read', ['m2', 'the chat is new'], (): void => told('chatRead', { chatId: 'art', id: 'm1' })],
    [
      'is taken back',
      ['m1', 'the chat is new'],
      (): void => told('messageDeleted', { chatId: 'art', id: 'm2' }),
    ],
    ['is in a chat that is deleted', [], (): void => page.service.latest.tell('chatDeleted', 'art')],
  ])('is news until it %s', (_, left, happen) => {
    expect(up()).toEqual(['m1', 'm2', 'the chat is new'])
    happen()
    expect(up()).toEqual(left)
  })

  test('is no news in a chat that one has left; that there is one to join still is', async () => {
    told('memberLeft', { chatId: 'art', userId: 'ada' })
    await loaded()
    expect(up()).toEqual(['the chat is new'])
  })

  test('by another tab, of a message that this one does not have, is news while something is unread', async () => {
    page.api.unread.set('open', 1)
    expect(isNews('elsewhere', 'open')).toBe(false)
    page.api.mine = page.api.chats
    await reconnected(page)
    expect(isNews('elsewhere', 'open')).toBe(true)
    told('messageDeleted', { chatId: 'open', id: 'elsewhere' })
    expect(isNews('elsewhere', 'open')).toBe(false)
  })

  test('is known by an id also where the message came without one', () => {
    say({ message: 'from the original Chatr' })
    const last = page.announced.at(-1)?.messageId
    expect(isNews(last)).toBe(true)
    page.client.see('art', true)
    expect(isNews(last)).toBe(false)
  })
})
