import { beforeEach, describe, expect, test } from 'vitest'
import { Drafts } from '../src/client/drafts'
import type { Draft } from '../src/state/draft'
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
  drafts.sent('art')
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
    for (const key of ['chatr.drafts', 'chatr.draft/ada/a']) storage.setItem(key, held)
    expect(page().of('a').text).toBe('')
  },
)

test('drafts of an older page, which kept them in one piece, are there', () => {
  const drafts = [
    ['art', { text: 'old', replyTo: 'm1' }],
    ['open', { text: 'stale' }],
  ]
  storage.setItem('chatr.draft/ada/open', '{"text":"fresh"}')
  storage.setItem('chatr.drafts', JSON.stringify({ userId: 'ada', drafts }))
  expect(page('grace').of('art').text).toBe('')
  expect(page().of('art')).toEqual({ text: 'old', replyTo: 'm1' })
  expect(page().of('open').text).toBe('fresh')
  expect(storage.keys('chatr.drafts')).toEqual([])
})

test('a storage that is forbidden is none either, and is told of', () => {
  storage.browser.forbidden = true
  const drafts = page()
  drafts.write('art', 'text')
  drafts.flush()
  drafts.sent('open')
  expect(drafts.of('art').text).toBe('text')
  expect([...storage.unkept]).toEqual(['blocked'])
})

test('a draft that is too long, or finds no room, is told of; what was kept before stays', () => {
  const drafts = page()
  drafts.write('art', 'short')
  drafts.flush()
  drafts.write('art', 'x'.repeat(60_000))
  drafts.flush()
  expect([...storage.unkept]).toEqual(['tooLong'])
  storage.browser.room = 1_000
  drafts.write('art', 'x'.repeat(2_000))
  drafts.flush()
  expect([...storage.unkept]).toEqual(['tooLong', 'full'])
  expect(page().of('art').text).toBe('short')
})

test('the list of chats, which can be had again, makes room for a draft', () => {
  storage.cache('chatr.cache/chats', 'x'.repeat(900))
  storage.browser.room = 1_000
  const drafts = page()
  drafts.write('art', 'y'.repeat(200))
  drafts.flush()
  expect(page().of('art').text).toHaveLength(200)
  expect(storage.unkept.size).toBe(0)
})

describe('two tabs of one user', () => {
  let here: Drafts
  let there: Drafts
  const other = new Map<string, Draft>()
  const enough = 5_000

  beforeEach(() => {
    other.clear()
    here = page()
    there = new Drafts(other, 'ada', storage.otherTab(), clock)
  })

  test('keep the drafts of both', () => {
    here.write('art', 'mine')
    there.write('open', 'yours')
    clock.pass(enough)
    here.flush()
    const later = page()
    expect([later.of('art').text, later.of('open').text]).toEqual(['mine', 'yours'])
  })

  test('show what is typed in the other, with what it answers', () => {
    here.write('art', 'half a')
    here.reply('art', 'm1')
    clock.pass(enough)
    expect(other.get('art')).toMatchObject({ text: 'half a', replyTo: 'm1' })
    there.write('art', 'half a thought')
    clock.pass(enough)
    expect(here.of('art').text).toBe('half a thought')
  })

  test('have nothing changed under the fingers of who types, and agree afterwards', () => {
    here.write('art', 'here')
    clock.pass(500)
    there.write('art', 'there')
    clock.pass(400)
    expect(here.of('art').text).toBe('here')
    for (const text of ['here a', 'here ag', 'here again']) {
      here.write('art', text)
      clock.pass(500)
      expect(here.of('art').text).toBe(text)
    }
    clock.pass(enough)
    expect([here.of('art').text, there.of('art').text]).toEqual(['here again', 'here again'])
  })

  test.each(['sent', 'emptied'])('lose together what is %s in one of them, at once', (how) => {
    here.write('art', 'gone soon')
    clock.pass(500)
    if (how === 'sent') there.sent('art')
    else there.write('art', '')
    expect(here.of('art').text).toBe('')
    clock.pass(enough)
    expect([here.of('art').text, storage.items.size]).toEqual(['', 0])
  })

  test('keep what was added in one of them before the other sent what it had', () => {
    here.write('art', 'one')
    clock.pass(enough)
    here.write('art', 'one and two')
    there.sent('art')
    clock.pass(enough)
    expect(here.of('art').text).toBe('one and two')
    expect(other.get('art')?.text).toBe('one and two')
  })

  test('lose nothing when a draft only makes room', () => {
    here.write('art', 'on the screen')
    clock.pass(enough)
    storage.otherTab().remove('chatr.draft/ada/art')
    expect(here.of('art').text).toBe('on the screen')
  })

  test('agree again when one of them has slept', () => {
    const sleeper = storage.otherTab()
    const drafts = new Drafts(new Map(), 'ada', sleeper, clock)
    drafts.write('long', 'x'.repeat(60_000))
    here.write('art', 'sent meanwhile')
    here.write('open', 'old')
    clock.pass(enough)
    sleeper.sleep()
    here.sent('art')
    here.write('open', 'new')
    here.flush()
    expect(drafts.of('art').text).toBe('sent meanwhile')
    sleeper.wake()
    expect([drafts.of('art').text, drafts.of('open').text]).toEqual(['', 'new'])
    expect(drafts.of('long').text).toHaveLength(60_000)
  })

  test('lose nothing of what could not be kept when one of them has slept', () => {
    const sleeper = storage.otherTab()
    const drafts = new Drafts(new Map(), 'ada', sleeper, clock)
    drafts.write('art', 'short')
    clock.pass(enough)
    drafts.write('art', 'x'.repeat(60_000))
    clock.pass(enough)
    sleeper.sleep()
    sleeper.wake()
    clock.pass(enough)
    expect(drafts.of('art').text).toHaveLength(60_000)
  })

  test('of which one is closed: it hears no more', () => {
    there.close()
    here.write('art', 'text')
    clock.pass(enough)
    expect(other.size).toBe(0)
  })
})

test('somebody else who signs in next to it changes none of them', () => {
  const mine = page()
  const theirs = new Drafts(new Map(), 'grace', storage.otherTab(), clock)
  theirs.write('art', 'hers')
  theirs.flush()
  mine.write('art', 'his')
  mine.flush()
  theirs.forget()
  expect([mine.of('art').text, page().of('art').text, page('grace').of('art').text]).toEqual([
    'his',
    'his',
    '',
  ])
})
