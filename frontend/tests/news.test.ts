import { beforeEach, describe, expect, test } from 'vitest'
import { messageIn } from '../src/state/conversation'
import { mentionsOf, unreadOf } from '../src/state/unread'
import { settled, wireChat } from './fakes'
import { signedIn, type Page } from './signedIn'

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
  page.client.see('pair', true)
  expect(leadTo()).toEqual(['new'])
})
