import { expect, test } from 'vitest'
import { emptyConversation } from '../src/state/conversation'
import { addArrived, addOwn, addSystemLine } from '../src/state/merging'
import { type Conversation } from '../src/state/conversation'
import { mergeHistory, notePlace } from '../src/state/merging'
import { isInDoubt } from '../src/state/order'
import { stored } from './fakes'
import { randomNumbers, World } from './manyPages'

const idsIn = ({ entries }: Conversation): string[] => entries.map(({ id }) => id)
const said = (id: string, authorId: string) => ({ id, text: id, authorId })
const theEnd = (askedAt: number) => ({ askedAt, startsAnew: false })

/** Bob says b1, and before that is kept, Ada says a1. */
function twoAtOnce(): Conversation {
  const conversation = emptyConversation()
  mergeHistory(conversation, [stored('m1', 100)], theEnd(100))
  addArrived(conversation, said('b1', 'bob'), 1_000)
  addOwn(conversation, said('a1', 'ada'), 1_100)
  return conversation
}

test("one's own message keeps its neighbours until the history tells of them", () => {
  const conversation = twoAtOnce()
  addArrived(conversation, said('b2', 'bob'), 1_300)
  notePlace(conversation, 'a1', 950)
  expect(idsIn(conversation)).toEqual(['m1', 'b1', 'a1', 'b2'])
  mergeHistory(conversation, [stored('a1', 950), stored('b1', 1_050), stored('b2', 1_400)], theEnd(2_000))
  expect(idsIn(conversation)).toEqual(['m1', 'a1', 'b1', 'b2'])
})

test('of two places that are known the earlier one comes first, whenever they are told', () => {
  const conversation = twoAtOnce()
  addOwn(conversation, said('a2', 'ada'), 1_200)
  notePlace(conversation, 'a2', 1_500)
  notePlace(conversation, 'a1', 5_200)
  expect(idsIn(conversation)).toEqual(['m1', 'b1', 'a2', 'a1'])
})

test('what the history has not got yet will come behind what it has', () => {
  const conversation = twoAtOnce()
  mergeHistory(conversation, [stored('c1', 1_500)], theEnd(2_000))
  expect(idsIn(conversation)).toEqual(['m1', 'c1', 'b1', 'a1'])
})

test('a message that failed stays where it was written', () => {
  const conversation = twoAtOnce()
  const own = conversation.entries.at(-1)
  if (own?.kind === 'message') own.sent.failed = true
  mergeHistory(conversation, [stored('b1', 1_050), stored('c1', 1_500)], theEnd(2_000))
  expect(idsIn(conversation)).toEqual(['m1', 'b1', 'a1', 'c1'])
})

test('who has joined has done so between the messages between which it was heard', () => {
  const conversation = twoAtOnce()
  addSystemLine(conversation, { what: 'joined', userId: 'cleo', userName: 'Cleo' }, 3_000)
  addArrived(conversation, said('c1', 'cleo'), 3_100)
  const line = idsIn(conversation)[3] ?? ''
  mergeHistory(conversation, [stored('b1', 1_050), stored('a1', 1_060), stored('c1', 2_000)], theEnd(4_000))
  expect(idsIn(conversation)).toEqual(['m1', 'b1', 'a1', line, 'c1'])
})

test('times never go back, so that no day begins twice', () => {
  const conversation = twoAtOnce()
  addSystemLine(conversation, { what: 'joined', userId: 'cleo', userName: 'Cleo' }, 9_000)
  addArrived(conversation, said('c1', 'cleo'), 9_100)
  notePlace(conversation, 'a1', 700)
  notePlace(conversation, 'c1', 800)
  const times = conversation.entries.map(({ time }) => time)
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('what was shown to us and is not kept in a minute was not said; what was never to be kept stays', () => {
  const conversation = twoAtOnce()
  addArrived(conversation, { ...said('bare', 'original'), liveOnly: true }, 1_400)
  mergeHistory(conversation, [stored('c1', 1_500)], theEnd(60_900))
  expect(idsIn(conversation)).toContain('b1')
  mergeHistory(conversation, [stored('c1', 1_500)], theEnd(61_100))
  expect(idsIn(conversation)).toEqual(['m1', 'c1', 'a1', 'bare'])
})

test('a message that is shown again, because it was kept late, stands at the end; one whose place is known stays', () => {
  const conversation = twoAtOnce()
  addArrived(conversation, said('c1', 'cleo'), 2_000)
  expect(addArrived(conversation, said('b1', 'bob'), 50_000)).toBe(false)
  expect(idsIn(conversation)).toEqual(['m1', 'a1', 'c1', 'b1'])
  addArrived(conversation, said('c1', 'mallory'), 50_000)
  addArrived(conversation, said('m1', 'grace'), 50_000)
  expect(idsIn(conversation)).toEqual(['m1', 'a1', 'c1', 'b1'])
})

test('only what different people say at about the same time is in doubt', () => {
  const conversation = emptyConversation()
  mergeHistory(conversation, [stored('m1', 100)], theEnd(100))
  addArrived(conversation, said('b1', 'bob'), 1_000)
  addArrived(conversation, said('b2', 'bob'), 2_000)
  addArrived(conversation, said('c1', 'cleo'), 90_000)
  expect(isInDoubt(conversation)).toBe(false)
  addArrived(conversation, said('b3', 'bob'), 90_500)
  expect(isInDoubt(conversation)).toBe(true)
  mergeHistory(conversation, [stored('b3', 90_400), stored('c1', 90_450)], theEnd(92_000))
  expect(isInDoubt(conversation)).toBe(false)
})

test('the backend stands still for four seconds: what one writes meanwhile stays in the order in which it was written', async () => {
  const world = new World(() => 0.5, ['ada', 'bob'])
  await world.pass(1_000)
  const [ada, bob] = world.pages
  world.backendMs = 8_000
  ada?.client.send('art', 'one')
  await world.pass(3_400)
  ada?.client.send('art', 'two')
  await world.pass(600)
  world.backendMs = 100
  const orders = new Set<string>()
  for (let step = 0; step < 60; step++) {
    await world.pass(100)
    orders.add(ada?.shown.join() ?? '')
  }
  expect([...orders]).toEqual(['one,two'])
  expect(bob?.shown).toEqual(['one', 'two'])
  expect(world.history.map(({ message }) => message)).toEqual(['one', 'two'])
})

/** People write at once while connections break, the backend stands still and the service stalls. */
async function played(seed: number): Promise<World> {
  const random = randomNumbers(seed)
  const world = new World(random, ['ada', 'bob', 'cleo'])
  await world.pass(1_000)
  const mishaps = [
    () => (world.backendMs = 6_000),
    () => (world.serviceMs = 4_000),
    () => world.pages[world.upTo(3)]?.cut(),
    () => Object.assign(world, { backendMs: 150, serviceMs: 100 }),
  ]
  for (let turn = 0; turn < 30; turn++) {
    if (random() < 0.2) mishaps[world.upTo(mishaps.length)]?.()
    const { client, name } = world.pages[world.upTo(3)] ?? {}
    client?.send('art', `${turn} ${name}`)
    // In every other play people also take their time.
    if (random() < 0.6) await world.pass(world.upTo(seed % 2 === 0 ? 1_500 : 15_000))
  }
  Object.assign(world, { backendMs: 150, serviceMs: 100 })
  await world.pass(120_000)
  return world
}

test.each(Array.from({ length: 16 }, (_, seed) => seed))(
  'when all has settled, every page shows the order of the history, nothing twice and nothing less (play %i)',
  { timeout: 60_000 },
  async (seed) => {
    const { history, pages } = await played(seed)
    const kept = history.map(({ message }) => message)
    expect(kept).toHaveLength(30)
    for (const { shown } of pages) expect(shown).toEqual(kept)
  },
)
