/**
 * Keeps a growing list where its reader wants it: at the end while they follow it, in place when older rows are put in
 * above. Call it in the component whose update changes the list.
 */
import { onBeforeUpdate, onMounted, onUnmounted, onUpdated, ref, type Ref } from 'vue'
import { isNearEnd, isNearStart, positionAfterPrepend, type Scrolled } from '../state/scroll'

export interface ListScroll {
  /** Whether the end is in sight. */
  following: Readonly<Ref<boolean>>
  toEnd: () => void
  /** To be called on the list's scroll event. */
  scrolled: () => void
}

/**
 * @param firstKey names the topmost row; when it changes, rows were put in above.
 * @param nearStart is called when the reader comes near the top.
 */
export function useListScroll(
  list: Readonly<Ref<HTMLElement | null>>,
  firstKey: () => string | undefined,
  nearStart: () => void,
): ListScroll {
  const following = ref(true)
  let before: (Scrolled & { firstKey: string | undefined }) | null = null
  let observer: ResizeObserver | null = null

  const measure = ({ scrollTop, scrollHeight, clientHeight }: Scrolled): Scrolled => ({
    scrollTop,
    scrollHeight,
    clientHeight,
  })

  function toEnd(): void {
    following.value = true
    if (list.value) list.value.scrollTop = list.value.scrollHeight
  }

  function keepPlace(): void {
    const element = list.value
    if (element === null) return
    if (following.value) toEnd()
    else if (before && before.firstKey !== firstKey()) {
      element.scrollTop = positionAfterPrepend(before, element.scrollHeight)
    }
  }

  onBeforeUpdate(() => {
    before = list.value && { ...measure(list.value), firstKey: firstKeyShown }
  })
  let firstKeyShown = firstKey()
  onUpdated(() => {
    keepPlace()
    firstKeyShown = firstKey()
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
