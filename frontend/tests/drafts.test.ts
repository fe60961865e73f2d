import { beforeEach, expect, test } from 'vitest'
import { Drafts } from '../src/client/drafts'
import { FakeClock, FakeStorage } from './fakes'

let clock: FakeClock
let storage: FakeStorage

beforeEach(() => {
  clock = new FakeClock()
  storage = new FakeStorage()
})

const page = (userId = 'ada'): Drafts => new Drafts(new Map(), userId, storage, clock)

test('what was typed is there after a reload, with what it answers', () => {
  const drafts = page()
  drafts.write('art', 'half a')
  drafts.reply('art', 'm1')
  drafts.write('art', 'half a thought')
  clock.pass(1_000)
  expect(page().of('art')).toEqual({ text: 'half a thought', replyTo: 'm1' })
})

test('a page that goes at once has kept it, too', () => {
  const drafts = page()
  drafts.write('art', 'quick')
  drafts.flush()
  expect(page().of('art').text).toBe('quick')
})

test('what was sent or emptied leaves nothing behind', () => {
  const drafts = page()
  drafts.write('art', 'sent')
  drafts.write('open', 'taken back')
  drafts.flush()
  drafts.discard('art')
  drafts.write('open', '')
  clock.pass(1_000)
  expect(storage.items.size).toBe(0)
})

test('somebody else on this machine does not see it', () => {
  const drafts = page()
  drafts.write('art', 'mine')
  drafts.flush()
  expect(page('grace').of('art').text).toBe('')
})

test('of very many drafts the last ones are kept, and none that is huge', () => {
  const drafts = page()
  for (let number = 0; number < 60; number++) drafts.write(`chat ${number}`, 'text')
  drafts.write('chat 20', 'touched again')
  drafts.write('huge', 'x'.repeat(100_000))
  drafts.flush()
  const later = page()
  expect([later.of('chat 0').text, later.of('chat 59').text]).toEqual(['', 'text'])
  expect([later.of('chat 20').text, later.of('huge').text]).toEqual(['touched again', ''])
  expect(drafts.of('huge').text).toHaveLength(100_000)
})

test.each(['{', 'null', '[]', '{"userId":"ada","drafts":[1,["a"],["b",{"text":2}]]}'])(
  'a storage that holds %s is no obstacle',
  (held) => {
    storage.items.set('chatr.drafts', held)
    expect(page().of('a').text).toBe('')
  },
)

test('a storage that is full or forbidden is none either', () => {
  storage.setItem = () => {
    throw new Error('full')
  }
  const drafts = new Drafts(new Map(), 'ada', storage, clock)
  drafts.write('art', 'text')
  drafts.flush()
  expect(drafts.of('art').text).toBe('text')
})
