import { beforeEach, expect, test } from 'vitest'
import { Layers, type LayerHistory } from '../src/layers'

interface Entry {
  address: string
  depth: number
}

/** A browser's history: `go` moves when the queue is run, as the browser does after all that runs now. */
class FakeHistory implements LayerHistory {
  entries: Entry[] = [
    { address: 'lobby', depth: 0 },
    { address: 'chat', depth: 0 },
  ]
  place = 1
  queue: (() => void)[] = []
  layers = new Layers(this, (run) => this.queue.push(run))

  get now(): Entry {
    return this.entries[this.place] as Entry
  }
  depth = (): number => this.now.depth
  push(depth: number): void {
    this.visit({ address: this.now.address, depth })
  }
  visit(entry: Entry): void {
    this.entries = [...this.entries.slice(0, this.place + 1), entry]
    this.place += 1
  }
  go(delta: number): void {
    this.queue.push(() => this.move(delta))
  }
  move(delta: number): void {
    this.place += delta
    this.layers.moved()
    this.settle()
  }
  settle(): void {
    for (let run = this.queue.shift(); run; run = this.queue.shift()) run()
  }
}

let history: FakeHistory
let closed: string[]

function opened(name: string): () => void {
  const remove = history.layers.add(() => closed.push(name))
  history.settle()
  return remove
}

const back = (): string => {
  history.move(-1)
  return history.now.address
}

beforeEach(() => {
  history = new FakeHistory()
  closed = []
  history.settle()
})

test('Back closes what is open, the topmost first, and leaves the screen only then', () => {
  opened('members')
  opened('confirmation')
  expect(back()).toBe('chat')
  expect(closed).toEqual(['confirmation'])
  expect(back()).toBe('chat')
  expect(closed).toEqual(['confirmation', 'members'])
  expect(back()).toBe('lobby')
})

test('what was closed otherwise leaves nothing to go back from', () => {
  opened('members')()
  history.settle()
  expect(history.now).toEqual({ address: 'chat', depth: 0 })
  expect(back()).toBe('lobby')
  expect(closed).toEqual([])
})

test('a menu that gives way to a dialog hands its entry on', () => {
  opened('menu')()
  opened('members')
  expect(history.entries).toHaveLength(3)
  back()
  expect(closed).toEqual(['members'])
})

test('what is opened while an entry is being gone back from gets its own', () => {
  const remove = opened('menu')
  remove()
  history.queue.shift()?.()
  opened('members')
  expect(history.now.depth).toBe(1)
  back()
  expect(closed).toEqual(['members'])
})

test('what closes with a way to another screen does not call that off, and one Back leads from there to the screen', () => {
  const remove = opened('new chat')
  remove()
  history.layers.navigates(true)
  history.settle()
  history.visit({ address: 'other', depth: 0 })
  history.layers.navigates(false)
  history.settle()
  expect(history.now.address).toBe('other')
  back()
  expect(history.now).toEqual({ address: 'chat', depth: 0 })
})

test('Forward to what was closed leads nowhere', () => {
  opened('members')
  back()
  history.move(1)
  expect(history.now).toEqual({ address: 'chat', depth: 0 })
})

test('a page that was loaded again over a layer goes back to its screen', () => {
  opened('members')
  history.layers = new Layers(history, (run) => history.queue.push(run))
  history.settle()
  expect(history.now).toEqual({ address: 'chat', depth: 0 })
})
