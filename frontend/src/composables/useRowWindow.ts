/**
 * Keeps only part of a long list on the page, between two empty spaces as high as the rows that are left out. A row
 * that was never on the page counts with a guess; the list's scroll rules keep what is read in place when it differs.
 */
import { computed, onMounted, onUnmounted, onUpdated, ref, watch, type ComputedRef, type Ref } from 'vue'
import { movedSpan, nextSpan, rowsBetween, type Span } from '../state/rowWindow'

const guessedHeightPx = 44

export interface RowWindow<Row> {
  /** The rows that are on the page. */
  shown: ComputedRef<Row[]>
  /** Heights (px) of the spaces. */
  above: ComputedRef<number>
  below: ComputedRef<number>
  /** To be called when the list was scrolled. */
  scrolled: () => void
  /** Puts the row with this key on the page; false when there is none. */
  reveal: (key: string) => boolean
}

/**
 * @param list is what scrolls.
 * @param body holds a space, one element for each shown row, in order, and another space.
 */
export function useRowWindow<Row extends { key: string }>(
  list: Readonly<Ref<HTMLElement | null>>,
  body: Readonly<Ref<HTMLElement | null>>,
  rows: ComputedRef<Row[]>,
): RowWindow<Row> {
  const heights = new Map<string, number>()
  const span = ref<Span>(movedSpan({ from: 0, to: 0 }, [], keysOf(rows.value)))
  let frame = 0

  const heightOf = ({ key }: Row): number => heights.get(key) ?? guessedHeightPx
  const sum = (part: Row[]): number => part.reduce((total, row) => total + heightOf(row), 0)
  const shown = computed(() => rows.value.slice(span.value.from, span.value.to))

  // Before the page changes; so rows and span belong together whenever they are drawn.
  watch(rows, (after, before) => setSpan(movedSpan(span.value, keysOf(before), keysOf(after))), {
    flush: 'sync',
  })

  function setSpan(next: Span): void {
    if (next.from !== span.value.from || next.to !== span.value.to) span.value = next
  }

  function measure(): void {
    const elements = body.value?.children
    shown.value.forEach(({ key }, index) => {
      const element = elements?.item(index + 1)
      if (element) heights.set(key, element.getBoundingClientRect().height)
    })
  }

  function moveOn(): void {
    frame = 0
    if (list.value === null || body.value === null) return
    measure()
    const { top, bottom } = list.value.getBoundingClientRect()
    const start = body.value.getBoundingClientRect().top
    const inSight = rowsBetween(rows.value.map(heightOf), top - start, bottom - start)
    setSpan(nextSpan(span.value, inSight, rows.value.length))
  }

  function scheduleMove(): void {
    if (frame === 0) frame = requestAnimationFrame(moveOn)
  }

  onMounted(scheduleMove)
  onUpdated(scheduleMove)
  onUnmounted(() => cancelAnimationFrame(frame))

  return {
    shown,
    above: computed(() => sum(rows.value.slice(0, span.value.from))),
    below: computed(() => sum(rows.value.slice(span.value.to))),
    scrolled: scheduleMove,
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
