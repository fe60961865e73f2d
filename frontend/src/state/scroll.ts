/** Where a list that grows at both ends has to stand. Plain arithmetic over what a scrolled element measures. */

export interface Scrolled {
  scrollTop: number
  scrollHeight: number
  clientHeight: number
}

/** Whoever is this close to the end (in pixels) wants to follow it. */
export const followWithinPx = 100

/** Older pages are fetched when less than this (in pixels) is left above. */
export const fetchOlderWithinPx = 400

export function isNearEnd({ scrollTop, scrollHeight, clientHeight }: Scrolled): boolean {
  return scrollHeight - clientHeight - scrollTop < followWithinPx
}

export const isNearStart = ({ scrollTop }: Scrolled): boolean => scrollTop < fetchOlderWithinPx

/** An edge in pixels from the top of the window, as getBoundingClientRect gives it. */
export interface Edges {
  top: number
  bottom: number
}

/**
 * The first row in sight: what is being read, whose place has to stay when rows above it change. Rows stand one below
 * the other, so that few of them have to be measured; `count` when all are above `top`.
 */
export function firstInSight(count: number, bottomOf: (index: number) => number, top: number): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (bottomOf(middle) > top) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * The position that leaves the row being read where it was. Its lower edge counts: the upper one moves when it becomes
 * part of a group and loses its head.
 */
export const positionKeeping = (scrollTop: number, before: Edges, after: Edges): number =>
  scrollTop + after.bottom - before.bottom
