import { beforeEach, describe, expect, test } from 'vitest'
import { ReadMarks } from '../src/client/readMarks'
import { emptyConversation, messageIn } from '../src/state/conversation'
import { addArrived, mergeHistory } from '../src/state/merging'
import type { ChatMessage } from '../src/state/conversation'
import { emptyUnread, type UnreadState } from '../src/state/unread'
import { FakeClock, settled, stored } from './fakes'

let clock: FakeClock
let unread: UnreadState
let marks: ReadMarks
let told: string[]
let failing: boolean

function message(id: string, isStored = true): ChatMessage {
  const conversation = emptyConversation()
  if (isStored) mergeHistory(conversation, [stored(id, 1)])
  else addArrived(conversation, { id, text: 'hi', authorId: 'grace' }, 1)
  return messageIn(conversation, id) as ChatMessage
}

async function pass(ms: number): Promise<void> {
  await settled()
  await clock.passAndSettle(ms)
}

beforeEach(() => {
  clock = new FakeClock()
  unread = emptyUnread()
  told = []
  failing = false
  const markRead = (chatId: string, id: string): Promise<void> => {
    told.push(`${chatId} ${id}`)
    return failing ? Promise.reject(new Error('no')) : Promise.resolve()
  }
  marks = new ReadMarks(unread, markRead, clock)
})

describe('what was read is told', () => {
  test('at once, and only once', async () => {
    marks.seen('art', message('m1'))
    expect(told).toEqual(['art m1'])
    await pass(5_000)
    marks.seen('art', message('m1'))
    await pass(5_000)
    expect(told).toEqual(['art m1'])
  })

  test('of each chat at most every two seconds, up to the last', async () => {
    marks.seen('art', message('m1'))
    marks.seen('zoo', message('z1'))
    marks.seen('art', message('m2'))
    marks.seen('art', message('m3'))
    await pass(1_999)
    expect(told).toEqual(['art m1', 'zoo z1'])
    await pass(1)
    expect(told).toEqual(['art m1', 'zoo z1', 'art m3'])
  })

  test('not when another device has told it', async () => {
    unread.lastRead.set('art', 'm1')
    marks.seen('art', message('m1'))
    await pass(5_000)
    expect(told).toEqual([])
  })

  test('a moment later when it arrived just now, since the history must have it first', async () => {
    marks.seen('art', message('m1', false))
    expect(told).toEqual([])
    await pass(2_000)
    expect(told).toEqual(['art m1'])
  })

  test('at once when the page may end, and no more than once', async () => {
    marks.seen('art', message('m1'))
    marks.seen('art', message('m2'))
    marks.seen('zoo', message('z1', false))
    marks.flush()
    marks.flush()
    expect(told).toEqual(['art m1', 'art m2', 'zoo z1'])
    await pass(9_000)
    marks.flush()
    expect(told).toHaveLength(3)
  })

  test('again when it could not be told, but not for ever', async () => {
    failing = true
    marks.seen('art', message('m1'))
    for (let round = 0; round < 9; round++) await pass(2_000)
    expect(told).toEqual(['art m1', 'art m1', 'art m1'])
    failing = false
    marks.seen('art', message('m1'))
    expect(told).toHaveLength(4)
    await pass(9_000)
    expect(told).toHaveLength(4)
  })
})
