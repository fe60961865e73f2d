/** Whether the tab is visible, as a ref. */
import { onMounted, onUnmounted, ref, type Ref } from 'vue'

export function useVisible(): Readonly<Ref<boolean>> {
  const visible = ref(!document.hidden)
  const update = (): void => {
    visible.value = !document.hidden
  }
  onMounted(() => document.addEventListener('visibilitychange', update))
  onUnmounted(() => document.removeEventListener('visibilitychange', update))
  return visible
}
