/** The current time (ms) as a ref that moves on while the component is mounted. */
import { onMounted, onUnmounted, ref, type Ref } from 'vue'
import { every, systemClock } from '../clock'

export function useNow(everyMs = 1_000): Readonly<Ref<number>> {
  const now = ref(systemClock.now())
  let cancel = (): void => undefined
  onMounted(() => {
    cancel = every(systemClock, everyMs, () => {
      now.value = systemClock.now()
    })
  })
  onUnmounted(() => cancel())
  return now
}
