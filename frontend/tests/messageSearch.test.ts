import { beforeEach, describe, expect, test } from 'vitest'
import type { SearchQuery } from '../src/api'
import { MessageSearch, nothingSearched, type SearchState } from '../src/client/messageSearch'
import type { Found, Page } from '../src/wire/http'
import { settled, stored } from './fakes'

const found = (id: string): Found => ({ chatId: 'art', message: stored(id, 0) })

let state: SearchState
let search: MessageSearch
let asked: SearchQuery[]
let answers: Record<string, Page<Found>>
let failures: unknown[]
let failing: boolean

const idsFound = (): string[] => state.found.map(({ message }) => message.id)

beforeEach(() => {
  state = nothingSearched()
  asked = []
  failures = []
  failing = false
  answers = {
    first: { items: [found('m1'), found('m2')], next: 'second' },
    second: { items: [found('m3')], next: null },
  }
  const answer = async (query: SearchQuery): Promise<Page<Found>> => {
    asked.push(query)
    await settled()
    const page = answers[query.after ?? 'first']
    if (failing || page === undefined) throw new Error('away')
    return page
  }
  search = new MessageSearch(state, answer, (error) => failures.push(error))
})

describe('searching', () => {
  test('fetches one page and the next ones on demand, until there is none', async () => {
    await search.begin('zebra')
    expect(idsFound()).toEqual(['m1', 'm2'])
    expect(state).toMatchObject({ phase: 'idle', next: 'second' })
    await search.more()
    expect(idsFound()).toEqual(['m1', 'm2', 'm3'])
    expect(state.next).toBeNull()
    expect(asked).toEqual([
      { words: 'zebra', chatId: undefined, after: undefined },
      { words: 'zebra', chatId: undefined, after: 'second' },
    ])
  })

  test('asks for a page once, however often it is demanded', async () => {
    await search.begin('zebra')
    await Promise.all([search.more(), search.more()])
    expect(asked).toHaveLength(2)
    expect(idsFound()).toEqual(['m1', 'm2', 'm3'])
  })

  test('goes on by itself where a call has found nothing and not come to the end', async () => {
    answers = { ...answers, first: { items: [], next: 'empty' }, empty: { items: [], next: 'second' } }
    await search.begin('zebra')
    expect(idsFound()).toEqual(['m3'])
    expect(asked.map(({ after }) => after)).toEqual([undefined, 'empty', 'second'])
    expect(state).toMatchObject({ phase: 'idle', next: null })
  })

  test('goes on by itself for a while only', async () => {
    answers = { first: { items: [], next: 'first' } }
    await search.begin('zebra')
    expect(asked).toHaveLength(10)
    expect(state).toMatchObject({ phase: 'idle', next: 'first', found: [] })
  })

  test('does not go on with what is not looked for any more', async () => {
    answers = { ...answers, first: { items: [], next: 'second' } }
    await Promise.all([search.begin('zebra'), search.begin('lion')])
    expect(asked.map(({ words }) => words)).toEqual(['zebra', 'lion', 'lion'])
    expect(idsFound()).toEqual(['m3'])
  })

  test('tries the same page again after a failure and keeps what was found', async () => {
    await search.begin('zebra')
    failing = true
    await search.more()
    expect(state.phase).toBe('failed')
    expect(failures).toHaveLength(1)
    failing = false
    await search.more()
    expect(idsFound()).toEqual(['m1', 'm2', 'm3'])
  })

  test('for nothing asks nobody', async () => {
    await search.begin('')
    expect(asked).toEqual([])
    expect(state.phase).toBe('idle')
  })

  test('what comes for words that are not looked for any more is dropped', async () => {
    const slow = search.begin('zebra')
    answers = { first: { items: [found('other')], next: null } }
    await Promise.all([slow, search.begin('lion')])
    expect(state.words).toBe('lion')
    expect(idsFound()).toEqual(['other'])
  })

  test('whoever comes back finds all of it as they left it', async () => {
    await search.begin('zebra')
    await search.more()
    state.opened = 'm3'
    await search.show('zebra')
    expect(asked).toHaveLength(2)
    expect(idsFound()).toEqual(['m1', 'm2', 'm3'])
    expect(state.opened).toBe('m3')
    await search.show('lion')
    expect(asked.at(-1)).toEqual({ words: 'lion', chatId: undefined, after: undefined })
    expect(state.opened).toBeNull()
  })

  test('in one chat goes on in that chat, and is another search than the one in all', async () => {
    await search.begin('zebra')
    await search.show('zebra', 'art')
    await search.more()
    expect(asked.slice(1)).toEqual([
      { words: 'zebra', chatId: 'art', after: undefined },
      { words: 'zebra', chatId: 'art', after: 'second' },
    ])
    expect(idsFound()).toEqual(['m1', 'm2', 'm3'])
  })
})
