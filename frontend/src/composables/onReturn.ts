/** Runs when the user comes back to the page: timers stand still while a tab is hidden or the machine sleeps. */
import { onMounted, onUnmounted } from 'vue'

export function onReturn(run: () => void): void {
  onMounted(() => {
    window.addEventListener('focus', run)
    document.addEventListener('visibilitychange', run)
  })
  onUnmounted(() => {
    window.removeEventListener('focus', run)
    document.removeEventListener('visibilitychange', run)
  })
}
