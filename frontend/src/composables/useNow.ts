/** The current time (ms) as a ref that moves on while the component is mounted, and at once when the user comes back. */
import { onMounted, onUnmounted, ref, type Ref } from 'vue'
import { every, systemClock } from '../clock'
import { onReturn } from './onReturn'

export function useNow(everyMs = 1_000): Readonly<Ref<number>> {
  const now = ref(systemClock.now())
  const update = (): void => void (now.value = systemClock.now())
  let cancel = (): void => undefined
  onMounted(() => (cancel = every(systemClock, everyMs, update)))
  onReturn(update)
  onUnmounted(() => cancel())
  return now
}
