import { expect, test } from 'vitest'
import { Places } from '../src/navigation/places'

/** A history whose entries have numbers, as the router's have. */
function browsing() {
  let position = 0
  const places = new Places(() => position)
  function move(delta: number, byHistory: boolean): void {
    position += delta
    places.arrived(byHistory)
  }
  return {
    places,
    push: (): void => move(1, false),
    go: (delta: number): void => move(delta, true),
    replace: (): void => move(0, false),
  }
}

test('whoever comes back, or forward again, is where they were', () => {
  const { places, push, go } = browsing()
  places.keep('first')
  push()
  expect(places.here()).toBeUndefined()
  places.keep('second')
  go(-1)
  expect(places.here()).toBe('first')
  go(1)
  expect(places.here()).toBe('second')
})

test('whoever comes anew begins anew, also where an entry that is gone had the same number', () => {
  const { places, push, go, replace } = browsing()
  push()
  places.keep('second')
  go(-1)
  push()
  expect(places.here()).toBeUndefined()
  places.keep('another')
  replace()
  expect(places.here()).toBeUndefined()
})

test('a place can be let go', () => {
  const { places, push, go } = browsing()
  places.keep('read')
  places.keep(undefined)
  push()
  go(-1)
  expect(places.here()).toBeUndefined()
})
