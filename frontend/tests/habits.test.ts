import { describe, expect, test, vi } from 'vitest'
import { dayText } from '../src/dates'
import { AuthoredIds, newId } from '../src/ids'
import { hueOf, initialsOf } from '../src/likeness'
import { watchIdle } from '../src/state/idle'
import { firstInSight, isNearEnd, isNearStart, positionKeeping } from '../src/state/scroll'
import {
  heardTyping,
  nobodyTypes,
  shouldTellTyping,
  stoppedTyping,
  typingIsOver,
  whoTypes,
} from '../src/state/typing'
import { FakeClock } from './fakes'

describe('typing', () => {
  test('is over five seconds after it was last heard, or when the message is there', () => {
    const state = nobodyTypes()
    heardTyping(state, 'c', 'ada', 0)
    heardTyping(state, 'c', 'grace', 3_000)
    expect(whoTypes(state, 'c', 4_999)).toEqual(['ada', 'grace'])
    expect(whoTypes(state, 'c', 5_000)).toEqual(['grace'])
    stoppedTyping(state, 'c', 'grace')
    expect(whoTypes(state, 'c', 5_000)).toEqual([])
    expect(whoTypes(state, 'other', 0)).toEqual([])
  })

  test('is told at most every three seconds, and anew after a message', () => {
    const state = nobodyTypes()
    expect([0, 2_999, 3_000].map((now) => shouldTellTyping(state, 'c', now))).toEqual([true, false, true])
    expect(shouldTellTyping(state, 'other', 3_001)).toBe(true)
    typingIsOver(state, 'c')
    expect(shouldTellTyping(state, 'c', 3_002)).toBe(true)
  })
})

describe('being idle', () => {
  test('begins after the time without input and ends with the next', () => {
    const clock = new FakeClock()
    const changes: boolean[] = []
    const watch = watchIdle(60_000, clock, (idle) => changes.push(idle))
    clock.pass(59_000)
    watch.active()
    clock.pass(59_000)
    expect(changes).toEqual([])
    clock.pass(1_000)
    expect(changes).toEqual([true])
    watch.active()
    watch.active()
    expect(changes).toEqual([true, false])
  })

  test('is not noticed any more once nobody watches', () => {
    const clock = new FakeClock()
    const changes: boolean[] = []
    watchIdle(1_000, clock, (idle) => changes.push(idle)).stop()
    clock.pass(5_000)
    expect(changes).toEqual([])
  })
})

test('a list is followed within 100 pixels of its end', () => {
  expect(isNearEnd({ scrollTop: 401, scrollHeight: 1000, clientHeight: 500 })).toBe(true)
  expect(isNearEnd({ scrollTop: 400, scrollHeight: 1000, clientHeight: 500 })).toBe(false)
  expect(isNearStart({ scrollTop: 399, scrollHeight: 1000, clientHeight: 500 })).toBe(true)
})

test('what is being read stays where it is when older messages come in above', () => {
  const bottoms = [-10, 40, 90]
  expect(firstInSight(3, (index) => bottoms[index] ?? Infinity, 0)).toBe(1)
  expect(firstInSight(3, (index) => bottoms[index] ?? Infinity, 90)).toBe(3)
  expect(firstInSight(0, () => Infinity, 0)).toBe(0)
  expect(positionKeeping(30, { top: -10, bottom: 40 }, { top: 1512, bottom: 1540 })).toBe(1530)
})

test('initials are what a reader sees first', () => {
  expect(initialsOf('Ada Lovelace', 2)).toBe('AL')
  expect(initialsOf('  grace  brewster hopper ', 2)).toBe('GH')
  expect(initialsOf('Ada Lovelace', 1)).toBe('A')
  expect(initialsOf('👩‍🚀 crew', 2)).toBe('👩‍🚀C')
  expect(initialsOf('   ', 2)).toBe('?')
})

test('the same id has the same colour everywhere', () => {
  expect(hueOf('guest_1')).toBe(hueOf('guest_1'))
  const hues = new Set(Array.from({ length: 50 }, (_, index) => hueOf(`guest_${index}`)))
  expect(hues.size).toBeGreaterThan(30)
})

test('ids are UUIDs of version 4', () => {
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  expect(newId()).toMatch(pattern)
})

test('ids of messages name their author, as docs/protocol.md says', async () => {
  const ids = new AuthoredIds('guest_ada')
  expect(ids.next()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
  await vi.waitFor(() => {
    expect(ids.next()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8c4a-[89ab][0-9a-f]{3}-c2ebf00e563c$/)
  })
  expect(ids.next()).not.toBe(ids.next())
})

test('days are named the way one would say them', () => {
  const now = new Date(2024, 4, 1, 0, 30).getTime()
  expect(dayText(now, now)).toBe('Today')
  expect(dayText(new Date(2024, 3, 30, 23, 59).getTime(), now)).toBe('Yesterday')
  expect(dayText(new Date(2023, 3, 30).getTime(), now)).toContain('2023')
})
