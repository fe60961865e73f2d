import { beforeEach, expect, test } from 'vitest'
import { Tabs } from '../src/browser/tabs'
import { FakeClock, settled } from './fakes'

type Holder = (lock: Lock | null) => Promise<void> | null

/** What all tabs of one browser share. Nobody ever waits here: a lock is shared, or taken only if it is free. */
class FakeLocks {
  held: string[] = []

  async request(name: string, { mode }: LockOptions, run: Holder): Promise<void> {
    await Promise.resolve()
    if (mode !== 'shared' && this.held.includes(name)) return void run(null)
    this.held.push(name)
    await run({ name } as Lock)
    this.held.splice(this.held.indexOf(name), 1)
  }

  query = (): Promise<LockManagerSnapshot> => Promise.resolve({ held: this.held.map((name) => ({ name })) })
}

let clock: FakeClock
let tabs: Tabs[]

const tellers = (hidden: boolean, id = 'm1'): Promise<boolean[]> =>
  Promise.all(tabs.map((tab) => tab.tells(id, hidden)))

beforeEach(() => {
  clock = new FakeClock()
  const locks = new FakeLocks() as unknown as LockManager
  tabs = [new Tabs(locks, clock), new Tabs(locks, clock)]
})

test('of tabs out of sight one tells of a message, and of the next', async () => {
  expect(await tellers(true)).toEqual([true, false])
  expect(await tellers(true, 'm2')).toEqual([true, false])
})

test('a tab out of sight does not tell while another is in sight, and does when that is not any more', async () => {
  const [away, other] = tabs as [Tabs, Tabs]
  other.see(true)
  await settled()
  expect(await away.tells('m1', true)).toBe(false)
  expect(await other.tells('m1', false)).toBe(true)
  other.see(false)
  await settled()
  expect(await away.tells('m2', true)).toBe(true)
})

test('a tab that came into sight only for a moment is not taken for one in sight', async () => {
  tabs[1]?.see(true)
  tabs[1]?.see(false)
  await settled()
  expect(await tabs[0]?.tells('m1', true)).toBe(true)
})

test('of two windows in sight one tells', async () => {
  tabs.forEach((tab) => tab.see(true))
  await settled()
  expect(await tellers(false)).toEqual([true, false])
})

test('a message is not kept in mind for ever', async () => {
  await tellers(true)
  await clock.passAndSettle(10_000)
  expect(await tabs[1]?.tells('m1', true)).toBe(true)
})

test('every tab tells where there are no locks', async () => {
  tabs = tabs.map(() => new Tabs(undefined, clock))
  expect(await tellers(true)).toEqual([true, true])
})

test('where the browser refuses its locks each tab tells, and nothing is left unhandled', async () => {
  const denied = (): Promise<never> => Promise.reject(new DOMException('Denied.', 'SecurityError'))
  const refused = new Tabs({ request: denied, query: denied }, clock)
  refused.see(true)
  expect(await refused.tells('m1', true)).toBe(true)
  expect(await refused.tells('m1', false)).toBe(true)
})
