/**
 * Keeps a growing list where its reader wants it: at the end while they follow it, in place when rows above
 * change. Call it in the component whose update changes the list.
 */
import { onBeforeUpdate, onMounted, onUnmounted, onUpdated, ref, type Ref } from 'vue'
import { firstInSight, isNearEnd, isNearStart, positionKeeping, type Edges } from '../state/scroll'

interface Measured {
  element: Element
  edges: Edges
}

const edgesOf = (element: Element): Edges => element.getBoundingClientRect()

function* measured(elements: Iterable<Element>): Generator<Measured> {
  for (const element of elements) yield { element, edges: edgesOf(element) }
}

export interface ListScroll {
  /** Whether the end is in sight. */
  following: Readonly<Ref<boolean>>
  toEnd: () => void
  /** To be called on the list's scroll event. */
  scrolled: () => void
}

/**
 * @param rows gives the elements of the list's rows, from the top.
 * @param nearStart is called when the reader comes near the top.
 */
export function useListScroll(
  list: Readonly<Ref<HTMLElement | null>>,
  rows: () => Iterable<Element>,
  nearStart: () => void,
): ListScroll {
  const following = ref(true)
  let reading: Measured | null = null
  let observer: ResizeObserver | null = null

  function toEnd(): void {
    following.value = true
    if (list.value) list.value.scrollTop = list.value.scrollHeight
  }

  onBeforeUpdate(() => {
    const element = list.value
    reading = following.value || element === null ? null : firstInSight(measured(rows()), edgesOf(element))
  })
  onUpdated(() => {
    const element = list.value
    if (element === null) return
    if (following.value) toEnd()
    else if (reading?.element.isConnected) {
      element.scrollTop = positionKeeping(element.scrollTop, reading.edges, edgesOf(reading.element))
    }
    // A page that fills too little makes no scroll event that would ask for the next.
    if (isNearStart(element)) nearStart()
  })
  onMounted(() => {
    toEnd()
    observer = new ResizeObserver(() => following.value && toEnd())
    if (list.value) observer.observe(list.value)
  })
  onUnmounted(() => observer?.disconnect())

  return {
    following,
    toEnd,
    scrolled() {
      if (list.value === null) return
      following.value = isNearEnd(list.value)
      if (isNearStart(list.value)) nearStart()
    },
  }
}
