import { describe, expect, test } from 'vitest'
import {
  addArrived,
  addOwn,
  addSystemLine,
  catchUpAnchor,
  emptyConversation,
} from '../src/state/conversation'
import { mergeHistory, messageIn, oldestStoredId, startAnew, statusOf } from '../src/state/conversation'
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
    expect(oldestStoredId(conversation)).toBe('m1')
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

describe('where catching up begins', () => {
  const conversation = emptyConversation()
  mergeHistory(conversation, [stored('m1', minute), stored('m2', 5 * minute), stored('m3', 9.5 * minute)])
  addArrived(conversation, arriving('m4'), 9.9 * minute)

  test('is the newest stored message well before the loss', () => {
    expect(catchUpAnchor(conversation, 10 * minute)).toBe('m2')
  })

  test('is the oldest stored one when all are recent', () => {
    expect(catchUpAnchor(conversation, minute)).toBe('m1')
  })

  test('is nowhere when nothing is stored', () => {
    expect(catchUpAnchor(emptyConversation(), minute)).toBeUndefined()
  })
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
    addSystemLine(conversation, { what: 'joined', userName: 'Ada' }, noon + 1)
    addArrived(conversation, arriving('m2'), noon + 2)
    const rows = timelineRows(conversation.entries)
    expect(rows.map(({ kind }) => kind)).toEqual(['day', 'message', 'system', 'message'])
    expect(rows[3]).toMatchObject({ startsGroup: true })
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
  })
})
