import { expect, test } from 'vitest'
import { movedSpan, nextSpan, rowsBetween, spanOnPage, type Reading, type Span } from '../src/state/rowWindow'

const keys = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `row ${from + index}`)

const upwards: Reading = { begins: 'end', stock: 240, rowPx: 44 }

/** Lets the window move until it rests. */
function resting(start: Span, inSight: Span, count: number): { span: Span; mostAtOnce: number } {
  let span = start
  let mostAtOnce = 0
  for (;;) {
    const next = nextSpan(span, inSight, count, upwards)
    if (next.from === span.from && next.to === span.to) return { span, mostAtOnce }
    const added = Math.max(0, span.from - next.from) + Math.max(0, next.to - span.to)
    if (next.from < span.to) mostAtOnce = Math.max(mostAtOnce, added)
    span = next
  }
}

test('a short list is there as a whole', () => {
  expect(resting({ from: 100, to: 230 }, { from: 150, to: 160 }, 230).span).toEqual({ from: 0, to: 230 })
})

test('of a long list there is what is in sight and a bounded stock around it', () => {
  const { span } = resting({ from: 4_700, to: 5_000 }, { from: 2_500, to: 2_520 }, 5_000)
  expect(span.from).toBeLessThan(2_400)
  expect(span.to).toBeGreaterThan(2_620)
  expect(span.to - span.from).toBeLessThan(600)
})

test('it moves in small steps', () => {
  const start = resting({ from: 0, to: 0 }, { from: 4_980, to: 5_000 }, 5_000).span
  expect(resting(start, { from: 4_830, to: 4_850 }, 5_000).mostAtOnce).toBeLessThan(50)
})

test('what is jumped to is there at once', () => {
  const next = nextSpan({ from: 4_700, to: 5_000 }, { from: 10, to: 30 }, 5_000, upwards)
  expect(next.from).toBeLessThanOrEqual(10)
  expect(next.to).toBeGreaterThanOrEqual(30)
})

test('older rows that come in above are there if the beginning was, else the same rows stay', () => {
  expect(movedSpan({ from: 0, to: 50 }, keys(50, 100), keys(0, 100), upwards)).toEqual({ from: 0, to: 100 })
  expect(movedSpan({ from: 5, to: 50 }, keys(50, 100), keys(0, 100), upwards)).toEqual({ from: 55, to: 100 })
})

test('a window at the end takes in what arrives there, one further up does not', () => {
  expect(movedSpan({ from: 20, to: 50 }, keys(0, 50), keys(0, 52), upwards)).toEqual({ from: 20, to: 52 })
  expect(movedSpan({ from: 20, to: 40 }, keys(0, 50), keys(0, 52), upwards)).toEqual({ from: 20, to: 40 })
})

test('rows that are gone are not waited for', () => {
  expect(movedSpan({ from: 0, to: 3 }, keys(0, 3), keys(1, 3), upwards)).toEqual({ from: 0, to: 2 })
  expect(movedSpan({ from: 0, to: 3 }, keys(0, 3), keys(7, 9), upwards)).toEqual({ from: 0, to: 2 })
})

test('a list begins where it is read from, with a screen full of rows', () => {
  const none = { from: 0, to: 0 }
  expect(movedSpan(none, [], keys(0, 500), upwards)).toEqual({ from: 460, to: 500 })
  expect(movedSpan(none, [], keys(0, 500), { begins: 'start', stock: 60, rowPx: 44 })).toEqual({
    from: 0,
    to: 40,
  })
  expect(movedSpan(none, [], keys(0, 3), { begins: 'start', stock: 60, rowPx: 44 })).toEqual({
    from: 0,
    to: 3,
  })
})

test.each([
  [0, 10, { from: 0, to: 1 }],
  [5, 25, { from: 0, to: 2 }],
  [10, 30, { from: 1, to: 2 }],
  [40, 99, { from: 2, to: 3 }],
  [500, 600, { from: 2, to: 3 }],
])('the rows between %i and %i are found by their heights', (top, bottom, rows) => {
  expect(rowsBetween([10, 20, 30], top, bottom)).toEqual(rows)
})

test('of a list of few that becomes one of many only a part comes', () => {
  const lobby: Reading = { begins: 'start', stock: 40, rowPx: 44 }
  expect(movedSpan({ from: 0, to: 1 }, keys(7, 8), keys(0, 500), lobby)).toEqual({ from: 0, to: 120 })
  const talk: Reading = { begins: 'end', stock: 40, rowPx: 44 }
  expect(movedSpan({ from: 0, to: 1 }, keys(7, 8), keys(0, 500), talk)).toEqual({ from: 380, to: 500 })
})

test('on paper there are all rows', () => {
  expect(spanOnPage({ from: 20, to: 40 }, 5_000, true)).toEqual({ from: 0, to: 5_000 })
  expect(spanOnPage({ from: 20, to: 40 }, 5_000, false)).toEqual({ from: 20, to: 40 })
})
