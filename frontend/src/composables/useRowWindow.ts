/**
 * Keeps only part of a long list on the page, between two empty spaces as high as the rows that are left out. A row
 * that was never on the page counts with a guess; the list's scroll rules keep what is read in place when it differs. On paper
 * nobody scrolls: all rows are printed.
 * What is in sight is looked at again whenever the list is scrolled, changed, or gets another size or place: while it
 * is hidden nothing has a height, so nothing is measured then.
 */
import { computed, onUnmounted, onUpdated, ref, watch, type ComputedRef, type Ref } from 'vue'
import { movedSpan, nextSpan, rowsBetween, spanOnPage, type Reading, type Span } from '../state/rowWindow'

export interface RowWindow<Row> {
  /** The rows that are on the page. */
  shown: ComputedRef<Row[]>
  /** Heights (px) of the spaces. */
  above: ComputedRef<number>
  below: ComputedRef<number>
  /** The place of the first of them in the list. */
  first: ComputedRef<number>
  /** Puts the row with this key on the page; false when there is none. */
  reveal: (key: string) => boolean
}

/**
 * @param list is what scrolls, with everything that is in it.
 * @param body holds a space, one element for each shown row, in order, and another space.
 * @param printing has all rows on the page.
 */
export function useRowWindow<Row extends { key: string }>(
  list: Readonly<Ref<HTMLElement | null>>,
  body: Readonly<Ref<HTMLElement | null>>,
  rows: Readonly<Ref<Row[]>>,
  reading: Reading,
  printing: Readonly<Ref<boolean>>,
): RowWindow<Row> {
  const heights = new Map<string, number>()
  const span = ref<Span>(movedSpan({ from: 0, to: 0 }, [], keysOf(rows.value), reading))
  /** The height of each row, by its place in the list. */
  let tall = heightsOf(rows.value)
  let frame = 0
  /** What the heights go by: another width or size of letters makes other lines. */
  let measuredAt = ''
  let wasResized = false

  function heightsOf(list: readonly Row[]): number[] {
    return list.map(({ key }) => heights.get(key) ?? reading.rowPx)
  }
  const onPage = computed(() => spanOnPage(span.value, rows.value.length, printing.value))
  const shown = computed(() => rows.value.slice(onPage.value.from, onPage.value.to))

  // Before the page changes; so rows and span belong together whenever they are drawn.
  watch(
    rows,
    (after, before) => {
      tall = heightsOf(after)
      setSpan(movedSpan(span.value, keysOf(before), keysOf(after), reading))
    },
    { flush: 'sync' },
  )

  /** Of the rows as they are now, which is what `tall` goes by. */
  function sum({ length }: readonly Row[], from: number, to: number): number {
    let px = 0
    for (let index = from; index < Math.min(to, length); index++) px += tall[index] ?? 0
    return px
  }

  function setSpan(next: Span): void {
    if (next.from !== span.value.from || next.to !== span.value.to) span.value = next
  }

  /** Measuring is slow: only rows that are new on the page are, and those that are about to leave it. */
  function measure(wanted: (index: number, key: string) => boolean): void {
    const elements = body.value?.children
    shown.value.forEach(({ key }, place) => {
      const index = span.value.from + place
      const element = wanted(index, key) ? elements?.item(place + 1) : null
      if (!element) return
      const { height } = element.getBoundingClientRect()
      heights.set(key, height)
      tall[index] = height
    })
  }

  /** Heights that were measured at another width, or size of letters, are no better than a guess. */
  function forgetOtherSizes(scroller: HTMLElement): void {
    const now = `${scroller.clientWidth} ${getComputedStyle(scroller).fontSize}`
    if (now === measuredAt) return
    measuredAt = now
    heights.clear()
    tall = heightsOf(rows.value)
    // `tall` is no ref: the spaces are made anew with the span.
    span.value = { ...span.value }
  }

  function moveOn(): void {
    frame = 0
    // Heights on paper are others.
    if (printing.value) return
    if (list.value === null || body.value === null || list.value.clientHeight === 0) return
    if (wasResized) forgetOtherSizes(list.value)
    measure((_, key) => wasResized || !heights.has(key))
    wasResized = false
    const { top, bottom } = list.value.getBoundingClientRect()
    const start = body.value.getBoundingClientRect().top
    const inSight = rowsBetween(tall, top - start, bottom - start)
    const next = nextSpan(span.value, inSight, rows.value.length, reading)
    measure((index) => index < next.from || index >= next.to)
    setSpan(next)
  }

  function scheduleMove(): void {
    if (frame === 0) frame = requestAnimationFrame(moveOn)
  }

  const observer = new ResizeObserver(() => {
    wasResized = true
    scheduleMove()
  })
  watch(
    [list, body],
    ([scroller, content], _, cleanUp) => {
      if (scroller === null || content === null) return
      scroller.addEventListener('scroll', scheduleMove, { passive: true })
      // What is between them too: other lists above this one move it.
      for (
        let element = content;
        element !== scroller && element.parentElement;
        element = element.parentElement
      )
        observer.observe(element)
      observer.observe(scroller)
      cleanUp(() => {
        scroller.removeEventListener('scroll', scheduleMove)
        observer.disconnect()
      })
    },
    { flush: 'post', immediate: true },
  )
  onUpdated(scheduleMove)
  onUnmounted(() => {
    cancelAnimationFrame(frame)
    observer.disconnect()
  })

  return {
    shown,
    above: computed(() => sum(rows.value, 0, onPage.value.from)),
    below: computed(() => sum(rows.value, onPage.value.to, rows.value.length)),
    first: computed(() => onPage.value.from),
    reveal(key) {
      const index = rows.value.findIndex((row) => row.key === key)
      const { from, to } = span.value
      if (index >= 0 && (index < from || index >= to))
        setSpan({ from: Math.max(0, index - 10), to: index + 10 })
      return index >= 0
    },
  }
}

const keysOf = (rows: readonly { key: string }[] | undefined): string[] => (rows ?? []).map(({ key }) => key)
