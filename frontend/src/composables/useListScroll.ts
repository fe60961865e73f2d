/**
 * Keeps a growing list where its reader wants it: at the end while they follow it, in place when anything above
 * changes. Call it in the component whose update changes the list.
 */
import { nextTick, onBeforeUpdate, onMounted, onUnmounted, onUpdated, ref, watch, type Ref } from 'vue'
import { firstInSight, isNearEnd, isNearStart, positionKeeping, type Edges } from '../state/scroll'

interface Measured {
  element: Element
  /** From the top of what is scrolled, so that scrolling does not change them. */
  edges: Edges
  /** Where the list stood then. */
  scrollTop: number
}

export interface ListScroll {
  /** Whether the end is in sight. */
  following: Readonly<Ref<boolean>>
  toEnd: () => void
  /** Scrolls a row to the top or the middle. Only the list moves, unlike with `scrollIntoView`, which moves all around it. */
  toPlace: (row: Element | null | undefined, to: 'top' | 'middle') => void
  /** The reader goes somewhere else than to the end. */
  leaveEnd: () => void
  /** Changes a row's height below its upper edge, which stays where it is: the reader asked for what comes there. */
  inPlace: (change: () => void) => Promise<void>
  /** To be called on the list's scroll event. */
  scrolled: () => void
  /** The first and the last message that are in sight in full. */
  inSight: () => { first: string; last: string } | null
}

/**
 * @param content is what is scrolled in the list.
 * @param rowList holds the list's rows, from the top.
 * @param canBeRead tells rows from what only stands between them.
 * @param nearStart is called when the reader comes near the top.
 * @param printing says that the list lies on paper, where it has no end to follow and nobody reads it here.
 */
export function useListScroll(
  list: Readonly<Ref<HTMLElement | null>>,
  content: Readonly<Ref<HTMLElement | null>>,
  rowList: Readonly<Ref<HTMLElement | null>>,
  canBeRead: (row: Element) => boolean,
  nearStart: () => void,
  printing: Readonly<Ref<boolean>>,
): ListScroll {
  const following = ref(true)
  let reading: Measured | null = null
  let observer: ResizeObserver | null = null
  /** From before the page is laid out for paper until it stands again as it did. */
  let onPaper = printing.value
  let scrolledTo = 0

  function edgesOf(element: Element, { scrollTop }: Element, listTop: number): Edges {
    const { top, bottom } = element.getBoundingClientRect()
    return { top: top - listTop + scrollTop, bottom: bottom - listTop + scrollTop }
  }

  function readIn(within: HTMLElement): Measured | null {
    const rows = [...(rowList.value?.children ?? [])]
    const listTop = within.getBoundingClientRect().top
    const bottoms = (index: number): number => rows[index]?.getBoundingClientRect().bottom ?? Infinity
    const first = firstInSight(rows.length, bottoms, listTop)
    const element = rows.slice(first).find(canBeRead)
    return element ? { element, edges: edgesOf(element, within, listTop), scrollTop: within.scrollTop } : null
  }

  function inSight(): { first: string; last: string } | null {
    if (list.value === null || onPaper) return null
    const rows = [...(rowList.value?.children ?? [])]
    const { top, bottom } = list.value.getBoundingClientRect()
    const bottoms = (index: number): number => rows[index]?.getBoundingClientRect().bottom ?? Infinity
    const [from, to] = [top, bottom + 1].map((edge) => firstInSight(rows.length, bottoms, edge))
    const ids = rows.slice(from, to).flatMap((row) => (row as HTMLElement).dataset.messageId ?? [])
    const [first, last] = [ids[0], ids.at(-1)]
    return first === undefined || last === undefined ? null : { first, last }
  }

  function toEnd(): void {
    following.value = true
    if (list.value) list.value.scrollTop = list.value.scrollHeight
  }

  function toPlace(row: Element | null | undefined, to: 'top' | 'middle'): void {
    if (!row || list.value === null) return
    const [place, view] = [row.getBoundingClientRect(), list.value.getBoundingClientRect()]
    const margin = parseFloat(getComputedStyle(row).scrollMarginTop)
    const room = to === 'top' ? margin : (view.height - place.height) / 2
    list.value.scrollTop += place.top - view.top - room
  }

  function note(): void {
    const element = list.value
    if (onPaper) return
    // Nobody scrolled since: what moved it meanwhile is yet to be made up for.
    const stands = reading?.element.isConnected && reading.scrollTop === element?.scrollTop
    if (stands && !following.value) return
    reading = element === null || following.value ? null : readIn(element)
  }

  function keep(): void {
    const element = list.value
    if (element === null || onPaper) return
    if (following.value) toEnd()
    else if (reading?.element.isConnected) {
      const after = edgesOf(reading.element, element, element.getBoundingClientRect().top)
      const place = positionKeeping(element.scrollTop, reading.edges, after)
      if (Math.abs(place - element.scrollTop) >= 1) element.scrollTop = place
      reading.edges = after
      reading.scrollTop = element.scrollTop
    }
  }

  function scrolled(): void {
    if (list.value === null || onPaper) return
    scrolledTo = list.value.scrollTop
    following.value = isNearEnd(list.value)
    note()
    if (isNearStart(list.value)) nearStart()
  }

  async function inPlace(change: () => void): Promise<void> {
    following.value = false
    // The list's own update would measure once more what is to be left alone.
    await nextTick()
    reading = null
    change()
    await nextTick()
    scrolled()
  }

  /** What does not scroll on paper begins at its top when it does again. */
  function takeFromPaper(): void {
    onPaper = false
    if (following.value) toEnd()
    else list.value?.scrollTo(0, scrolledTo)
  }

  watch(printing, (begins) => (onPaper ||= begins), { flush: 'sync' })
  watch(printing, (begins) => begins || takeFromPaper(), { flush: 'post' })
  onBeforeUpdate(note)
  onUpdated(() => {
    keep()
    // A page that fills too little makes no scroll event that would ask for the next.
    if (list.value && !onPaper && isNearStart(list.value)) nearStart()
  })
  onMounted(() => {
    toEnd()
    // Reactions, edits and the size of the window change rows without an update here.
    observer = new ResizeObserver(keep)
    for (const element of [list.value, content.value]) if (element) observer.observe(element)
  })
  onUnmounted(() => observer?.disconnect())

  return {
    following,
    toEnd,
    toPlace,
    leaveEnd: () => (following.value = false),
    inPlace,
    scrolled,
    inSight,
  }
}
