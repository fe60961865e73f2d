/** Which rows of a long list are on the page: those in sight and a stock around them. Plain arithmetic over indexes. */

/** Rows from `from` up to, not including, `to`. */
export interface Span {
  from: number
  to: number
}

/** How a list is read. */
export interface Reading {
  /** Where it is read from. */
  begins: 'start' | 'end'
  /** Rows kept ready on either side of what is in sight. */
  stock: number
  /** The height (px) that is guessed of a row that was never on the page. */
  rowPx: number
}

/** Rows that a list begins with: a screen full. The rest of the stock follows when they are on the page. */
const atFirst = 40
/** More rows than these at a time would be felt while scrolling. */
const step = 16

const intersects = (a: Span, b: Span): boolean => a.from < b.to && b.from < a.to

const within = (low: number, value: number, high: number): number => Math.min(Math.max(low, value), high)

/** The next span on the way to the one that `inSight` asks for; the same values when it is reached. */
export function nextSpan(current: Span, inSight: Span, count: number, { stock }: Reading): Span {
  const wanted = { from: Math.max(0, inSight.from - stock), to: Math.min(count, inSight.to + stock) }
  // What was jumped to comes first, its surroundings after it.
  const start = intersects(current, inSight) ? current : inSight
  return {
    from: within(start.from - step, wanted.from, start.from + step),
    to: within(start.to - step, wanted.to, start.to + step),
  }
}

/** The rows that are on the page: all of them on paper. */
export const spanOnPage = (span: Span, count: number, printing: boolean): Span =>
  printing ? { from: 0, to: count } : span

/** Where a list is opened. */
function firstSpan(count: number, { begins }: Reading): Span {
  return begins === 'start'
    ? { from: 0, to: Math.min(atFirst, count) }
    : { from: Math.max(0, count - atFirst), to: count }
}

/** The same rows in a list that changed; what reached its beginning or end reaches it still. */
export function movedSpan(
  span: Span,
  before: readonly string[],
  after: readonly string[],
  reading: Reading,
): Span {
  if (span.to - span.from === 0 || before.length === 0) return firstSpan(after.length, reading)
  const places = new Map(after.map((key, index) => [key, index]))
  const kept = before
    .slice(span.from, span.to)
    .map((key) => places.get(key))
    .filter((place) => place !== undefined)
  const first = kept[0]
  const last = kept.at(-1)
  if (first === undefined || last === undefined) return firstSpan(after.length, reading)
  const from = span.from === 0 ? 0 : first
  const to = span.to >= before.length ? after.length : last + 1
  // A list of few that becomes one of many, because it is no longer searched, does not come whole.
  const most = 2 * reading.stock + atFirst
  if (to - from <= most) return { from, to }
  return reading.begins === 'start' ? { from, to: from + most } : { from: to - most, to }
}

/** Which rows are between two heights, in a list whose rows have these heights, one below the other. */
export function rowsBetween(heights: readonly number[], top: number, bottom: number): Span {
  let y = 0
  let from = heights.length - 1
  // Not an iterator: this runs over thousands of rows in every frame.
  for (let index = 0; index < heights.length; index++) {
    y += heights[index] ?? 0
    if (y > top) from = Math.min(from, index)
    if (y >= bottom) return { from, to: index + 1 }
  }
  return { from: Math.max(0, from), to: heights.length }
}
