/** Tells whether a text is higher than its element may be. */
import { computed, ref, watch, type Ref } from 'vue'

/** No screen is so low or narrow that less is cut; such texts are most, and nobody watches them. */
const shortest = { characters: 120, lines: 4 }

const mayBeHigh = (text: string): boolean =>
  text.length > shortest.characters || text.split('\n', shortest.lines + 1).length > shortest.lines

export function useCut(
  element: Readonly<Ref<HTMLElement | null>>,
  text: () => string,
): Readonly<Ref<boolean>> {
  const cut = ref(false)
  const watched = computed(() => (mayBeHigh(text()) ? element.value : null))
  watch(
    watched,
    (high, _, cleanUp) => {
      cut.value = false
      if (high === null) return
      const observer = new ResizeObserver(() => (cut.value = high.scrollHeight > high.clientHeight + 1))
      observer.observe(high)
      cleanUp(() => observer.disconnect())
    },
    { flush: 'post' },
  )
  return cut
}
