import { beforeEach, expect, test } from 'vitest'
import { Layers, type Entry, type LayerHistory } from '../src/navigation/layers'

/** A browser's history; its addresses stand for the screens. */
class FakeHistory implements LayerHistory {
  entries: Entry[] = [
    { screen: 'site before', depth: 0 },
    { screen: 'lobby', depth: 0 },
    { screen: 'chat', depth: 0 },
  ]
  place = 2
  layers = new Layers(this)

  entry(): Entry {
    return this.entries[this.place] as Entry
  }
  push(depth: number): void {
    this.visit({ screen: this.entry().screen, depth })
  }
  visit(entry: Entry): void {
    this.entries = [...this.entries.slice(0, this.place + 1), entry]
    this.place += 1
  }
  go(delta: number): void {
    this.place += delta
    this.layers.moved()
  }
}

let history: FakeHistory
let closed: string[]

const opened = (name: string): (() => void) => history.layers.add(() => closed.push(name))
const back = (): unknown => {
  history.go(-1)
  return history.entry().screen
}

beforeEach(() => {
  history = new FakeHistory()
  closed = []
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

test('what was closed otherwise costs no Back of its own', () => {
  opened('members')()
  expect(back()).toBe('lobby')
  expect(closed).toEqual([])
})

test('however much was opened and closed, the history has one entry for it', () => {
  opened('menu')()
  opened('emoji')()
  opened('members')
  expect(history.entries).toHaveLength(4)
  expect(back()).toBe('chat')
  expect(closed).toEqual(['members'])
})

test('Back goes over what was closed to what is open', () => {
  const closeMenu = opened('menu')
  opened('members')
  closeMenu()
  expect(back()).toBe('chat')
  expect(closed).toEqual(['members'])
  expect(back()).toBe('lobby')
})

test('from another screen one Back leads to the one from which a layer led there, and one more from that', () => {
  opened('new chat')()
  history.visit({ screen: 'other', depth: 0 })
  expect(back()).toBe('chat')
  expect(back()).toBe('lobby')
})

test('a layer that is there again when one comes back to its screen is closed by the next Back', () => {
  opened('search')()
  history.visit({ screen: 'other', depth: 0 })
  back()
  opened('search')
  expect(back()).toBe('chat')
  expect(closed).toEqual(['search'])
})

test('who goes back several screens at once closes all and comes where they wanted', () => {
  opened('members')
  history.go(-2)
  expect(history.entry().screen).toBe('lobby')
  expect(closed).toEqual(['members'])
  history.go(1)
  opened('members')()
  history.go(-2)
  expect(history.entry().screen).toBe('lobby')
})

test('Forward to what was closed keeps the screen, and Back leaves it', () => {
  opened('members')
  back()
  history.go(1)
  expect(history.entry().screen).toBe('chat')
  expect(back()).toBe('lobby')
})

test('a page that was loaded again over a layer is left by one Back', () => {
  opened('members')
  history.layers = new Layers(history)
  expect(back()).toBe('lobby')
})
