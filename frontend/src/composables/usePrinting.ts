/** Whether the page is being printed, as a ref: before it is laid out for paper, and while a browser shows how that will look. */
import { onMounted, onUnmounted, ref, type Ref } from 'vue'

export function usePrinting(): Readonly<Ref<boolean>> {
  const paper = window.matchMedia('print')
  const printing = ref(paper.matches)
  const begin = (): void => void (printing.value = true)
  const follow = (): void => void (printing.value = paper.matches)
  onMounted(() => {
    window.addEventListener('beforeprint', begin)
    window.addEventListener('afterprint', follow)
    paper.addEventListener('change', follow)
  })
  onUnmounted(() => {
    window.removeEventListener('beforeprint', begin)
    window.removeEventListener('afterprint', follow)
    paper.removeEventListener('change', follow)
  })
  return printing
}
