import { describe, expect, test } from 'vitest'
import { emptyConversation } from '../src/state/conversation'
import { addArrived, addOwn, addSystemLine, keepOnly } from '../src/state/merging'
import { messageIn, oldestStored, statusOf } from '../src/state/conversation'
import { mergeHistory, startAnew } from '../src/state/merging'
import type { Conversation } from '../src/state/conversation'
import { timelineRows } from '../src/state/timeline'
import { stored } from './fakes'

const idsIn = ({ entries }: Conversation): string[] => entries.map(({ id }) => id)
const arriving = (id: string, authorId = 'grace') => ({ id, text: id, authorId })
const minute = 60_000

describe('merging', () => {
  test('a message that came live and again with the history stands there once', () => {
    const conversation = emptyConversation()
    addArrived(conversation, arriving('m1'), 1_000)
    expect(mergeHistory(conversation, [stored('m1', 900)])).toEqual([])
    expect(idsIn(conversation)).toEqual(['m1'])
    expect(messageIn(conversation, 'm1')).toMatchObject({ stored: true, time: 900 })
  })

  test('a message that arrives twice is new once', () => {
    const conversation = emptyConversation()
    expect(addArrived(conversation, arriving('m1'), 1)).toBe(true)
    expect(addArrived(conversation, arriving('m1'), 2)).toBe(false)
  })

  test('what was missed finds its place between what is there', () => {
    const conversation = emptyConversation()
    mergeHistory(conversation, [stored('m1', 100)])
    addArrived(conversation, arriving('m4'), 400)
    const missing = mergeHistory(conversation, [stored('m2', 200), stored('m3', 300)])
    expect(missing.map(({ id }) => id)).toEqual(['m2', 'm3'])
    expect(idsIn(conversation)).toEqual(['m1', 'm2', 'm3', 'm4'])
  })

  test('older pages go in above', () => {
    const conversation = emptyConversation()
    mergeHistory(conversation, [stored('m3', 300)])
    mergeHistory(conversation, [stored('m1', 100), stored('m2', 200)])
    expect(idsIn(conversation)).toEqual(['m1', 'm2', 'm3'])
    expect(oldestStored(conversation)?.id).toBe('m1')
  })

  test('what arrives stands at the end, even when this clock is behind', () => {
    const conversation = emptyConversation()
    mergeHistory(conversation, [stored('m1', 5_000)])
    addArrived(conversation, arriving('m2'), 1_000)
    addOwn(conversation, arriving('m3', 'ada'), 2_000)
    expect(idsIn(conversation)).toEqual(['m1', 'm2', 'm3'])
  })

  test('any split of the same history into pages and live messages gives the same conversation', () => {
    const history = Array.from({ length: 12 }, (_, index) => stored(`m${index}`, index * minute))
    for (let split = 0; split <= history.length; split++) {
      const conversation = emptyConversation()
      history.slice(split).forEach(({ id, time }) => addArrived(conversation, arriving(id), time))
      mergeHistory(conversation, history.slice(Math.floor(split / 2)))
      mergeHistory(conversation, history.slice(0, Math.ceil(split / 2) + 1))
      expect(idsIn(conversation)).toEqual(history.map(({ id }) => id))
    }
  })
})

describe("one's own message", () => {
  test('is sending, then delivered, then saved', () => {
    const conversation = emptyConversation()
    addOwn(conversation, arriving('m1', 'ada'), 1)
    const message = messageIn(conversation, 'm1')
    if (message === undefined) throw new Error('not there')
    expect(statusOf(message)).toBe('sending')
    message.sent.delivered = true
    expect(statusOf(message)).toBe('delivered')
    message.sent.failed = true
    expect(statusOf(message)).toBe('failed')
    message.sent.saved = true
    expect(statusOf(message)).toBe('saved')
  })

  test('survives a new beginning of the history while it is not saved', () => {
    const conversation = emptyConversation()
    mergeHistory(conversation, [stored('m1', 1)])
    addOwn(conversation, arriving('m2', 'ada'), 2)
    startAnew(conversation)
    expect(idsIn(conversation)).toEqual(['m2'])
    expect(conversation.loaded).toBe(false)
  })
})

describe('reading the newest messages again', () => {
  const now = 20 * minute
  const present = (): Conversation => {
    const conversation = emptyConversation()
    mergeHistory(
      conversation,
      [1, 2, 3, 4].map((number) => stored(`m${number}`, number * minute)),
    )
    addSystemLine(conversation, { what: 'joined', userId: 'bob', userName: 'Bob' }, 5 * minute)
    return conversation
  }

  test('lets go of what was deleted meanwhile', () => {
    const conversation = present()
    keepOnly(conversation, [stored('m1', minute), stored('m2', 2 * minute), stored('m4', 4 * minute)], now)
    expect(idsIn(conversation).filter((id) => id.startsWith('m'))).toEqual(['m1', 'm2', 'm4'])
    expect(conversation.entries.at(-1)?.kind).toBe('system')
  })

  test('lets go of what is older than it went back', () => {
    const conversation = present()
    keepOnly(conversation, [stored('m3', 3 * minute), stored('m4', 4 * minute)], now)
    expect(idsIn(conversation).slice(0, -1)).toEqual(['m3', 'm4'])
  })

  test('keeps what is older where that was loaded later', () => {
    const conversation = present()
    keepOnly(conversation, [stored('m4', 4 * minute)], now, true)
    expect(idsIn(conversation).slice(0, -1)).toEqual(['m1', 'm2', 'm3', 'm4'])
  })

  test('keeps what is not saved yet and what came behind', () => {
    const conversation = present()
    addOwn(conversation, arriving('mine', 'ada'), 6 * minute)
    addArrived(conversation, arriving('new'), now)
    keepOnly(conversation, [stored('m4', 4 * minute)], now)
    expect(idsIn(conversation).filter((id) => !id.startsWith('joined'))).toEqual(['m4', 'mine', 'new'])
  })

  test('empties a chat whose history is empty', () => {
    const conversation = present()
    keepOnly(conversation, [], now)
    expect(idsIn(conversation)).toEqual([])
  })

  test.each([[[]], [[stored('m9', 9 * minute)]]])(
    'keeps who came to a chat that was read as a whole',
    (whole) => {
      const conversation = emptyConversation()
      conversation.complete = true
      addSystemLine(conversation, { what: 'joined', userId: 'bob', userName: 'Bob' }, 5 * minute)
      keepOnly(conversation, whole, now)
      expect(conversation.entries).toMatchObject([{ what: 'joined', userName: 'Bob' }])
    },
  )
})

describe('the timeline', () => {
  const noon = new Date(2024, 4, 1, 12).getTime()

  function layout(...messages: [author: string, time: number][]): string[] {
    const conversation = emptyConversation()
    mergeHistory(
      conversation,
      messages.map(([author, time], index) => stored(`m${index}`, time, author)),
    )
    return timelineRows(conversation.entries).map((row) => {
      if (row.kind !== 'message') return row.kind
      return `${row.message.authorId}${row.startsGroup ? ' starts' : ''}${row.endsGroup ? ' ends' : ''}`
    })
  }

  test('groups messages of one author within five minutes', () => {
    expect(layout(['ada', noon], ['ada', noon + 4 * minute], ['grace', noon + 5 * minute])).toEqual([
      'day',
      'ada starts',
      'ada ends',
      'grace starts ends',
    ])
  })

  test('begins a new group after five minutes', () => {
    expect(layout(['ada', noon], ['ada', noon + 5 * minute])).toEqual([
      'day',
      'ada starts ends',
      'ada starts ends',
    ])
  })

  test('separates days, also within a group', () => {
    const midnight = new Date(2024, 4, 2).getTime()
    expect(layout(['ada', midnight - minute], ['ada', midnight + minute])).toEqual([
      'day',
      'ada starts ends',
      'day',
      'ada starts ends',
    ])
  })

  test('a system line ends a group', () => {
    const conversation = emptyConversation()
    addArrived(conversation, arriving('m1'), noon)
    addSystemLine(conversation, { what: 'joined', userId: 'ada', userName: 'Ada' }, noon + 1)
    addArrived(conversation, arriving('m2'), noon + 2)
    const rows = timelineRows(conversation.entries)
    expect(rows.map(({ kind }) => kind)).toEqual(['day', 'message', 'system', 'message'])
    expect(rows[3]).toMatchObject({ startsGroup: true })
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
  })
})
