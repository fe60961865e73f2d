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

/** The position that leaves what was read where it was, after something was put in above it. */
export function positionAfterPrepend(before: Scrolled, heightNow: number): number {
  return heightNow - before.scrollHeight + before.scrollTop
}
